"""The queue, and what a job does. No Streamlit here."""
