"""`python -m dashboard batch`: a folder of pictures, one prompt or a table of prompts, computed into the team's store.

Reads the server's settings and may run beside the server. What is stored already is left alone, so that the
same command goes on where it was stopped. Exit code 0 if every row has its run, 1 if one has not, 2 and one
sentence on standard error if nothing could be begun, 130 after Ctrl-C.
"""

import argparse
import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path

from tqdm import tqdm

from cache import Asker, StoreError
from cache.batches.batch import Batch
from cache.batches.failures import failures, note_failure
from core import (
    DEFAULT_METHOD,
    METHODS,
    Brightness,
    Cancelled,
    ExplainError,
    ExplainRequest,
    ImageError,
    InputError,
    Progress,
    VideoError,
)
from core.cli.terminal.progress_bar import ProgressBar
from core.models.checkpoints import EMBEDDED, ModelCard, describe_model
from core.models.visual_token_count import OFF, pixel_budget, usual_max_pixels
from core.schema.conversation import with_system
from core.schema.layers import LAYER_CHOICES, select_layers
from core.schema.methods import check_method
from core.schema.model_parts import PARTS
from dashboard.batch.folder import FolderPictures, pictures_in
from dashboard.batch.plan import MOST_ROWS_COMMAND, PlannedRow, all_of, plan
from dashboard.batch.runner import COMPUTED, FAILED, STORED, WAITING, BatchEnded, BatchTools, picture_of, run_rows
from dashboard.batch.summary import Ending, summary_csv
from dashboard.batch.table import read_pairs
from dashboard.cli.batch_output import (
    Bar,
    check_summary,
    line,
    say,
    show_forecast,
    show_plan,
    show_summary,
    write_summary,
)
from dashboard.jobs.backends import open_backend
from dashboard.jobs.stored_videos import store_source
from dashboard.layer_ranges import parse_layers
from dashboard.settings import Settings, read_settings
from dashboard.storage.data_folder import Storage, open_storage

_MOST_TABLE_BYTES = 32 * 2**20


def build_parser() -> argparse.ArgumentParser:
    """The options."""
    parser = argparse.ArgumentParser(
        prog="python -m dashboard batch",
        description="Asks about every picture of a folder, into the dashboard's store. Run it again to go on.",
    )
    parser.add_argument("folder", type=Path, help="where the pictures are")
    parser.add_argument("--prompt", default="", help="what is asked about each; rows of the table without one, too")
    parser.add_argument("--system", help="tell the model this first, in place of its own system prompt")
    parser.add_argument(
        "--csv",
        type=Path,
        help="a table with the columns picture (its path in the folder; a page of a PDF: FILE.pdf#page=2) and prompt; "
        "of videos maybe fps, frames, start and end (in seconds), too",
    )
    parser.add_argument("--model", default=EMBEDDED, help="folder or hub id, maybe as NAME;4bit (default: %(default)s)")
    parser.add_argument("--samples", type=int, default=10, help="noise samples (default: %(default)s)")
    parser.add_argument("--noise", type=float, default=0.15, help="noise, in normalised pixel values")
    parser.add_argument("--seed", type=int, default=0, help="seed of the noise")
    parser.add_argument("--part", choices=list(PARTS), default="decoder", help="what the layers are of")
    parser.add_argument("--layers", default="all", help=f"{', '.join(LAYER_CHOICES)}, or numbers such as 0,3,5-8,-1")
    parser.add_argument("--method", default=DEFAULT_METHOD, help=f"one of: {', '.join(METHODS)}")
    parser.add_argument("--max-new-tokens", type=int, default=128, help="longest answer, in tokens")
    parser.add_argument("--temperature", type=float, default=0.0, help="draw answers by chance; 0: likeliest tokens")
    parser.add_argument("--top-p", type=float, default=1.0, help="draw from likeliest tokens of this probability")
    parser.add_argument("--answer-seed", type=int, default=0, help="seed by which answers are drawn")
    parser.add_argument(
        "--max-pixels",
        type=pixel_budget,
        metavar="PIXELS|off",
        help="pixel budget of the image processor; off: its own. Default: the server's number of visual tokens, for "
        "all pictures as soon as one of them has more",
    )
    parser.add_argument(
        "--brightness",
        default="auto",
        metavar="CHOICE",
        help="of pictures with more than 8 bits a channel: auto, full, percentiles, or the values that become black "
        "and white, such as 0..4095",
    )
    parser.add_argument("--dry-run", action="store_true", help="only say what would be computed")
    parser.add_argument("--summary", type=Path, metavar="FILE", help="write what came of each row, as CSV")
    parser.add_argument("--address", default="", help="of the dashboard, such as https://maps.example; for the summary")
    parser.add_argument("--who", default="", metavar="NAME", help="whose runs they are, just as the sign-in names them")
    parser.add_argument("--private", action="store_true", help="for --who alone; others do not find them")
    return parser


def main(arguments: list[str]) -> int:
    """Runs the command line after `batch`; returns the exit code."""
    options = build_parser().parse_args(arguments)
    try:
        return _run(options, read_settings())
    except ExplainError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("Stopped. Run the same command again to go on.", file=sys.stderr)
        return 130


def _run(options: argparse.Namespace, settings: Settings) -> int:
    check_summary(options.summary)
    asker, brightness = _asker(options), Brightness.parse(options.brightness)
    with ProgressBar() as bar:
        model = None if options.model == EMBEDDED else options.model
        card = describe_model(model, settings.device, among=settings.choices, on_progress=bar.show)
    template = _template(options, card)
    storage = open_storage(settings, stand_in=False)
    rows, largest, longest = _plan(options, template, brightness)
    if options.max_pixels is None and (largest or longest):
        # One number for all rows: of pictures, if there are any.
        size, frames = (largest, 0) if largest else (longest[:2], longest[2])
        template = replace(template, max_pixels=usual_max_pixels([size], card.folder, settings.budget, frames))
    with Bar() as bar, _gently() as stopping:

        def report(progress: Progress) -> None:
            bar.show(progress)
            if stopping():
                raise Cancelled("The batch was stopped.")

        tools = BatchTools(template, card, storage, open_backend(settings), report, asker, brightness)
        asked = tuple(row.to_row() for row in rows if row.image)
        batch = Batch(time.time(), template, asked, asker.name, asker.private)
        missing = [row for row in rows if not row.problem and not tools.is_stored(row)]
        failed = _failed_before(missing, failures(storage.batches.folder, batch.id))
        show_plan(rows, missing, failed)
        if missing:
            show_forecast(largest, longest, len(missing), tools, settings)
        if options.dry_run:
            return int(any(row.problem for row in rows))
        if not any(row.image for row in rows):
            raise InputError("There is no row that can be asked.")
        _store_pictures(rows, storage, brightness)
        storage.batches.put(batch)
        started, endings, why = time.perf_counter(), [], None
        try:
            bar.begin(len(rows))
            for ending in run_rows(rows, tools):
                endings.append(ending)
                if ending.state == FAILED and ending.row.image:
                    _note_failure(ending, batch, storage)
                bar.step(line(ending, len(rows)))
                if stopping() and len(endings) < len(rows):
                    raise Cancelled("The batch was stopped.")
        except (Cancelled, StoreError, BatchEnded) as error:
            why = error
        bar.close()
    endings += [_not_reached(row, failed) for row in rows[len(endings) :]]
    if options.summary is not None:
        requests = [tools.request(row) for row in rows]
        table = summary_csv(zip(endings, requests, strict=True), storage.results, options.address)
        write_summary(options.summary, table)
    show_summary(endings, why, time.perf_counter() - started)
    if options.address:
        print(f"On the dashboard: {options.address.rstrip('/')}/batch?batch={batch.id}")
    if isinstance(why, Cancelled):
        return 130
    return int(any(ending.state not in (STORED, COMPUTED) for ending in endings))


def _asker(options: argparse.Namespace) -> Asker:
    name = options.who.strip()
    if options.private and not name:
        raise InputError("Private runs belong to somebody. Say to whom with --who.")
    return Asker(name, options.private)


def _template(options: argparse.Namespace, card: ModelCard) -> ExplainRequest:
    per_layer = METHODS[check_method(options.method)].per_layer
    words = options.layers if options.layers in LAYER_CHOICES else None
    layers = ()
    if per_layer:
        layers = select_layers(words or parse_layers(options.layers), card.depth(options.part), options.part)
    return ExplainRequest(
        image="",
        prompt=options.prompt if options.prompt.strip() else "-",  # each row has its own
        model=card.fingerprint,
        layers=layers,
        part=options.part,
        method=options.method,
        num_samples=options.samples,
        noise_std=options.noise,
        seed=options.seed,
        max_new_tokens=options.max_new_tokens,
        temperature=options.temperature,
        top_p=options.top_p,
        answer_seed=options.answer_seed,
        max_pixels=None if options.max_pixels == OFF else options.max_pixels,
        conversation=with_system(options.system, ()),
    )


def _plan(
    options: argparse.Namespace, template: ExplainRequest, brightness: Brightness
) -> tuple[list[PlannedRow], tuple[int, int] | None, tuple[int, int, int] | None]:
    """The rows, with (width, height) of their largest picture, and those of their longest video and its frames."""
    names, others = pictures_in(options.folder)
    if options.csv is not None:
        pairs = read_pairs(_read(options.csv))
    elif not options.prompt.strip():
        raise InputError("There is no prompt. Give one with --prompt, or a table of pictures and prompts with --csv.")
    elif not names:
        raise InputError(f"There are no pictures in {options.folder}.")
    else:
        pairs = all_of(names)
        if others:
            say(f"{others} other file{'' if others == 1 else 's'} in the folder left out.")
    with tqdm(total=len(pairs), desc="Reading the pictures", disable=None, leave=False, file=sys.stderr) as bar:
        find = FolderPictures(options.folder, bar.update, brightness)
        return plan(pairs, options.prompt, find, template, MOST_ROWS_COMMAND), find.largest, find.longest


def _store_pictures(rows: list[PlannedRow], storage: Storage, brightness: Brightness) -> None:
    """So that the page can go on with the batch, too."""
    missing = {row.image: row for row in rows if row.path is not None and not storage.pictures.has(row.image)}
    for row in tqdm(missing.values(), desc="Storing the pictures", disable=None, leave=False, file=sys.stderr):
        with suppress(ImageError, VideoError):  # its row says so when it is its turn
            store_source(picture_of(row, brightness), storage)


def _failed_before(missing: list[PlannedRow], failed: dict[int, str]) -> dict[int, str]:
    """Why rows that are to be computed failed when they were tried before, by their numbers."""
    return {row.number: failed[row.number] for row in missing if row.number in failed}


def _note_failure(ending: Ending, batch: Batch, storage: Storage) -> None:
    try:
        note_failure(storage.batches.folder, batch.id, ending.row.number, ending.problem)
    except StoreError as error:
        say(f"Why row {ending.row.number} failed could not be written down: {error}")


def _not_reached(row: PlannedRow, failed: dict[int, str]) -> Ending:
    """The ending of a row that the batch ended before: as it was found."""
    problem = row.problem or failed.get(row.number, "")
    return Ending(row.to_row(), FAILED if problem else WAITING, problem)


@contextmanager
def _gently() -> Iterator[Callable[[], bool]]:
    """Whether the first Ctrl-C, or a request to end, has come; the second Ctrl-C stops at once."""
    asked: list[int] = []

    def hear(number: int, frame: object) -> None:
        asked.append(number)
        signal.signal(signal.SIGINT, signal.default_int_handler)
        say("Stopping after this sample; once more stops at once.")

    before = {number: signal.signal(number, hear) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield lambda: bool(asked)
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _read(path: Path) -> bytes:
    try:
        if path.stat().st_size > _MOST_TABLE_BYTES:
            raise InputError(f"The table {path} is larger than {_MOST_TABLE_BYTES // 2**20} MB.")
        return path.read_bytes()
    except OSError as error:
        raise InputError(f"The table {path} cannot be read: {error.strerror or error}.") from None
