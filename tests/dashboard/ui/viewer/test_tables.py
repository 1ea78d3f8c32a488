"""Tables of a result: the answer's tokens, and everything that decided the numbers."""

from tests.dashboard.pages import sentences


def table(app, column):
    return next(each.value for each in app.dataframe if column in each.value)


def test_every_token_has_its_probability_and_rivals(visit, stored):
    app = visit("compute", run=stored("top *left*"), tab="Answer tokens")
    tokens = table(app, "token")
    assert list(tokens["token"]) == ["top", "*left*"] and list(tokens["probability"]) == [0.9, 0.9]
    assert list(tokens["rivals"]) == ["'left' 0.050"] * 2 and not app.exception


def test_parameters_come_with_what_computes_them_again(visit, stored):
    name = stored(prompt="Where is it?", num_samples=7, seed=3)
    app = visit("compute", run=name, tab="Parameters")
    rows = dict(zip(table(app, "parameter")["parameter"], table(app, "parameter")["value"], strict=True))
    assert rows["Run"] == name and rows["Samples"] == "7" and rows["Seed"] == "3"
    command, equation = [code.value for code in app.code][-2:]
    assert command.startswith("python -m core") and "--image_path=two-halves.png" in command
    assert equation and "with the picture's path in place of its name" in sentences(app)
