"""What of a picture file decides the pixels of its first frame; all else never reaches a decoder."""
