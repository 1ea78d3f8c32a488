"""What pages are made of, one package a feature."""
