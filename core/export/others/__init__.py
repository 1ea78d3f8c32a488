"""Results -> data sets of other programs: COCO, FiftyOne and Label Studio. None of them is needed to write theirs."""
