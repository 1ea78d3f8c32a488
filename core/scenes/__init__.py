"""Drawn scenes whose truth is known, with questions about them: for training, evaluation and samples."""
