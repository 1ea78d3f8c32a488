"""What the history names is read without making or changing a file."""

from cache import RunHistory
from cache.runs.inspection import count_runs, named_pictures
from tests.cache.samples import make_request, make_run


def test_the_history_is_only_read(tmp_path):
    file = tmp_path / "history" / "runs.sqlite"
    assert count_runs(file) == 0 and not file.parent.exists()
    log = RunHistory(file)
    for number, image in enumerate(("aa" * 32, "bb" * 32, "aa" * 32)):
        log.record(make_run(number, image=image))
    assert count_runs(file) == 3 and named_pictures(file) == {"aa" * 32, "bb" * 32}
    several = make_request(image="aa" * 32, images=("aa" * 32, "cc" * 32, "dd" * 32))
    log.record(make_run(3, image=several.image, request=several.to_dict()))
    assert named_pictures(file) == {each * 32 for each in ("aa", "bb", "cc", "dd")}
    log.close()
