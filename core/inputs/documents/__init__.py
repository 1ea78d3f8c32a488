"""PDF files: pages counted, and drawn as pictures by a process of their own, where pypdfium2 is installed."""
