"""One script a page. Streamlit keeps the name "pages" for itself."""
