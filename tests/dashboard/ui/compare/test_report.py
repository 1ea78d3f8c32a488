"""A comparison as one HTML file: what is in it, and that nothing of it is markup or fetched."""

import re

from plotly.offline import get_plotlyjs

from core.analysis.regions import Region
from dashboard.services.open import open_run
from dashboard.ui.compare.measures import lettered
from dashboard.ui.compare.report import report


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
    page = report(lettered([open_run(stored(method="tam", layers=()))]), None, None, "")
    assert "1 run compared" in page and "Over depth" not in page


def test_a_large_picture_file_is_left_out_and_said(storage, stored, monkeypatch):
    monkeypatch.setattr("dashboard.ui.compare.report.MOST_PICTURE_BYTES", 10)
    page = report(lettered([open_run(stored())]), None, None, "")
    assert "is not in this report" in page and "href=" not in page.replace(get_plotlyjs(), "")
