"""Runs -> ZIP and back, and how to compute them again. No Streamlit here."""
