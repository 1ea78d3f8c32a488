"""The data folder, its upkeep and its audit log. No Streamlit here."""
