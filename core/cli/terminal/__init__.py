"""What all commands have in common: their parser, bars, how they end, and what a shell completes."""
