"""Pages: scripts that `Home.py` has Streamlit run for each visitor, imported by nothing."""
