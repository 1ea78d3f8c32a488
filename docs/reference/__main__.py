"""`python -m docs.reference` writes docs/api.md anew."""

from docs.reference.page import PAGE, page

PAGE.write_text(page(), "utf-8")
print(f"Wrote {PAGE}.")
