"""What a batch is made of: pictures, a ZIP of them, a table."""

import io
import zipfile

from dashboard import resources
from tests.dashboard.uploading import captions, ended, several, upload


def test_a_table_names_uploaded_files_only(visit, without_model, wait_until):
    table = "\ufeffPicture;Prompt\r\npicture 0.png;one?\r\n/etc/passwd;two?\r\npicture 1.png;\r\n;three?\r\n"
    app = upload(visit("batch"), [*several(2), ("pairs.csv", table.encode(), "text/csv")])
    plan = app.dataframe[0].value
    assert [words.split(".")[0] for words in plan["state"]] == [
        "to compute",
        "No picture of that name was uploaded",
        "The prompt is empty",
        "The row names no picture",
    ]
    app.button(key="batch-run-all").click().run()
    name = app.query_params["batch"]
    wait_until(lambda: ended(name))
    assert [run.prompt for run in resources.storage().runs.recent(9)] == ["one?"]


def test_a_zip_of_pictures_is_taken(visit):
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as file:
        for name, content, _ in several(2):
            file.writestr(f"photos/{name}", content)
        file.writestr("photos/._picture 0.png", b"shadow")
        file.writestr("photos/broken.png", b"no picture")
    app = upload(visit("batch"), [("photos.zip", data.getvalue(), "application/zip")])
    assert "2 pictures." in captions(app)
    assert "1 of its 3 pictures cannot be used" in app.error[0].value
