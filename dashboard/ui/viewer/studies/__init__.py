"""What can be asked about a run beyond it, each a panel of its own: words, methods, trust, other models."""
