"""Entry point: `streamlit run dashboard/Home.py`. The server, page config, who is there and navigation, nothing else.

Streamlit reads this file twice: once as a module, for the `app` that it shall serve, and then as the script
that is run for every page, called "__main__".
"""

from pathlib import Path


def main() -> None:
    """Configures the page and runs the one that the address names."""
    import streamlit as st  # here: worker processes, too, read this file, and need no pages

    from dashboard.auth.access_tokens import offered
    from dashboard.auth.sign_in import admit
    from dashboard.language import _
    from dashboard.session import address
    from dashboard.ui.connection import connection_watch
    from dashboard.ui.language_switch import language_switch
    from dashboard.ui.page_language import page_language

    # A file: icons given by name are fetched from the network.
    st.set_page_config(page_title="Smooth Grad-CAM", page_icon=Path(__file__).with_name("icon.png"), layout="wide")
    # The scripts are not in a folder called "pages": beside one, the first person at a fresh server who opens
    # any other address than / gets Streamlit's automatic navigation, and this file does not run at all.
    page = st.navigation(
        [
            st.Page("app_pages/home.py", title=_("Home"), icon=":material/home:", default=True),
            st.Page("app_pages/compute.py", title=_("Compute"), icon=":material/center_focus_strong:"),
            st.Page("app_pages/batch.py", title=_("Batch"), icon=":material/photo_library:"),
            st.Page("app_pages/compare.py", title=_("Compare"), icon=":material/stacked_line_chart:"),
            st.Page("app_pages/history.py", title=_("History"), icon=":material/history:"),
            *([st.Page("app_pages/tokens.py", title=_("API"), icon=":material/key:")] if offered() else []),
            st.Page("app_pages/glossary.py", title=_("Glossary"), icon=":material/menu_book:"),
        ],
        position="top",
    )
    # After the navigation, which has to know the address, and before anything of a page is drawn or even imported.
    admitted = admit(language_switch)
    with st.container(key="connection", gap=None):  # what only listens takes no room
        connection_watch()
        page_language()
    if admitted:
        address.come_to(page.url_path)
        page.run()


if __name__ == "__main__":
    main()
elif __name__ == "Home":  # and not a worker process that Python spawned
    import os
    import sys

    # `python -m streamlit` looks for modules in the working folder first, whoever may write there. By hand: what would
    # do it is a module itself.
    if os.getcwd() != str(Path(__file__).resolve().parents[1]):
        sys.path[:] = [entry for entry in sys.path if os.path.realpath(entry) != os.getcwd()]

    import streamlit as st

    from dashboard.server.app import app_parts

    app = st.App(Path(__file__), **app_parts())
