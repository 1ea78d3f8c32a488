"""`python -m dashboard batch` and `store`. No Streamlit here."""
