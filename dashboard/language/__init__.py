"""In which language pages speak, and how what they say gets into it. No Streamlit.

English is written where it is said, as `_("Run")` or `_("{count} runs", count=3)`, and is what every other language is
made from. Translations are gettext catalogues: `zh_Hans/form.po` holds what `dashboard/ui/form` says, and so on.

What is stored, and what is said below the pages (in `core`, `cache`, jobs and storage: errors, notes, titles), stays
English, because it outlives the page. A page shows it by `sentence(...)`, which finds the finished English sentence
among the templates it may have been made from.

`python -m dashboard.language` brings the catalogues up to date with the code.
"""

from dashboard.language.spoken import ENGLISH, LANGUAGES, closest, language, of_visitors, speaking
from dashboard.language.stored import sentence
from dashboard.language.words import N_, _, counted, listed

__all__ = [
    "ENGLISH",
    "LANGUAGES",
    "N_",
    "_",
    "closest",
    "counted",
    "language",
    "listed",
    "of_visitors",
    "sentence",
    "speaking",
]
