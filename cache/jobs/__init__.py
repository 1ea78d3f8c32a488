"""Jobs that were asked and are not finished."""
