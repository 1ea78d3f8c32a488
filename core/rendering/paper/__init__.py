"""Figures for papers: PDF and SVG with text as text and its fonts inside, in millimetres, with captions for LaTeX."""
