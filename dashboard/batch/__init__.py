"""Batches: planned, fed into the queue, run, summed up. No Streamlit here."""
