"""Modules of JavaScript become one script."""

from dashboard.ui.drawing.scripts import joined


def test_imports_and_exports_by_name_go_and_the_rest_stays(tmp_path):
    one, other = tmp_path / "one.js", tmp_path / "other.js"
    one.write_text("export const MOST = 3\nexport function twice(x) {\n  return 2 * x // export const\n}\n")
    other.write_text('import { twice } from "./one.js"\nexport default function () { return twice(MOST) }\n')
    assert joined(one, other) == (
        "const MOST = 3\nfunction twice(x) {\n  return 2 * x // export const\n}\n\n"
        "export default function () { return twice(MOST) }\n"
    )
