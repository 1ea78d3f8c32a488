"""A comparison as one HTML file: what is in it, and that nothing of it is markup or fetched."""

import base64
import re

from plotly.offline import get_plotlyjs

from core.analysis.regions import Region
from core.rendering.encoding import encode
from core.rendering.overlay import overlay
from dashboard.services.open import open_run
from dashboard.ui import images
from dashboard.ui.compare.map_choice import choices_for
from dashboard.ui.compare.measures import lettered
from dashboard.ui.compare.report import report
from tests.dashboard.seen import pixels_of, share_that_differs


def test_the_report_holds_everything_and_fetches_nothing(storage, stored):
    nasty = "</script><img src=x onerror=alert(1)> <b>bold</b>"
    names = [stored(prompt=nasty, text="<i>right</i>"), stored(prompt="again?")]
    page = report(lettered([open_run(name) for name in names]), 4, Region(((0, 0), (0.5, 1))), "http://x/?a=<b>")
    for text in (nasty, "<i>right</i>", "http://x/?a=<b>"):
        assert text not in page
    assert "&lt;i&gt;right&lt;/i&gt;" in page and "&lt;b&gt;bold&lt;/b&gt;" in page
    assert page.count("Plotly.newPlot") >= 3 and "default-src 'none'" in page
    page = page.replace(get_plotlyjs(), "")  # a program that names addresses, which the policy keeps it from
    # Whatever is loaded is in the page: pictures and the picture file are data, and no script has a source.
    assert set(re.findall(r"(?:src|href)=[\"'](\w+):", page)) == {"data"}
    assert not re.search(r"<(script|link|iframe)[^>]+(src|href)=", page)
    assert "python -m core" in page and "A_picture.png" in page


def test_a_report_of_one_run_with_one_map_has_no_depth(storage, stored):
    page = report(lettered([open_run(stored(method="tam", layers=()))]), "asked", None, "")
    assert "1 run compared" in page and "Over depth" not in page


def test_a_large_picture_file_is_left_out_and_said(storage, stored, monkeypatch):
    monkeypatch.setattr("dashboard.ui.compare.report.MOST_PICTURE_BYTES", 10)
    page = report(lettered([open_run(stored())]), "combined", None, "")
    assert "is not in this report" in page and "href=" not in page.replace(get_plotlyjs(), "")


def test_a_report_on_two_methods_shows_two_maps(stored_by_method):
    runs = lettered([open_run(stored_by_method()), open_run(stored_by_method(method="gradcam"))])
    page = report(runs, choices_for(runs)[0], None, "")
    captions = "A, combined map", "B, Grad-CAM (as in the original), layer 2"
    shown = [
        re.search(rf'src="data:image/\w+;base64,([^"]+)"[^>]*alt="{re.escape(each)}"', page)[1] for each in captions
    ]
    drawn = [pixels_of(base64.b64decode(data)) for data in shown]
    pixels = images.small(runs[0].run, 520)
    true = [overlay(pixels, heat) for heat in (runs[0].run.result.combined, runs[1].run.result.at(2))]
    expected = [pixels_of(encode(each)) for each in true]
    assert share_that_differs(*drawn) == share_that_differs(*expected) > 0.3
    assert "<tr><th></th><th>Method</th><th>Run</th></tr>" in page  # that in which they differ, and no more
