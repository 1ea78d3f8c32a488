"""What lies in a model's folder, and what of it cannot be used: known without loading it, or torch."""
