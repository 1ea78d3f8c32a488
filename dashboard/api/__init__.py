"""What programs ask and read over HTTP, at /api/v1: the same queue, store, people and limits as the pages have.

It speaks English, whoever asks: its sentences are read by those who write programs.
"""
