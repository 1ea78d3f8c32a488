"""What a program says -> a checked question, put together as the page's form does it."""

from collections.abc import Sequence
from dataclasses import replace

from core import Brightness, ExplainRequest, InputError
from core.inputs.videos.kinds import HEAD
from core.inputs.videos.sampling import Sampling
from core.models.checkpoints import ModelCard
from core.schema.layers import LAYER_CHOICES
from core.schema.methods import METHODS, check_method
from core.schema.target import Target
from dashboard import resources
from dashboard.api.body import Body
from dashboard.api.options import RunOptions
from dashboard.api.refusals import LATER, Refused, again_in
from dashboard.auth import identity
from dashboard.jobs.pictures import ChosenPicture, read_picture, stored_picture
from dashboard.jobs.question import Question
from dashboard.jobs.videos import is_film, read_video
from dashboard.services.access import find_record, is_run_id
from dashboard.services.open import stored_pictures
from dashboard.ui.form.draft import CUSTOM, Draft, to_questions
from dashboard.ui.form.target_fields import TargetDraft


def question_of(body: Body) -> Question:
    """The question. Decodes its pictures, which may take a while.

    Raises:
        Refused: its model is still being fetched.
        InputError, ModelError, StoreError: it cannot be asked; the sentence says why.
    """
    options = body.options
    if options.private and not identity.person().signed_in:
        raise InputError("Runs can be private only where people sign in.")
    target = _target(options)
    card = _card(options.model)
    pictures = _pictures(body)
    question = to_questions(_draft(options), pictures, card, together=True)[0]
    # The form passes over a part and a tap that its method has no use for; whoever writes them down is told.
    request = replace(question.request, target=target, tap=options.tap, part=options.part)
    return replace(question, request=request, settle=options.settle)


def _card(name: str | None) -> ModelCard:
    catalogue = resources.catalogue()
    chosen = catalogue.choices[0] if name is None else name
    card = catalogue.describe(chosen)
    if card is None:
        raise Refused(
            503, f"The model {chosen} is being fetched, which takes minutes. Ask again then.", again_in(LATER)
        )
    return card


def _draft(options: RunOptions) -> Draft:
    method = METHODS[check_method(options.method)]
    if not method.per_layer and "layers" in options.model_fields_set:
        raise InputError(f"{method.title} gives one map, not one for each layer. Leave the layers out.")
    layers = options.layers if isinstance(options.layers, str) else ", ".join(map(str, options.layers))
    settings = resources.settings()
    return Draft(
        prompt=options.prompt,
        layers=layers if layers in LAYER_CHOICES else CUSTOM,
        custom_layers=layers,
        target=TargetDraft(),
        num_samples=options.samples,
        noise_std=options.noise,
        seed=options.seed,
        method=method.name,
        tap=options.tap,
        max_new_tokens=options.max_new_tokens,
        visual_tokens=options.visual_tokens if isinstance(options.visual_tokens, int) else None,
        budget=None if options.visual_tokens == "off" else settings.budget,
        settle=options.settle,
        picture_first=options.picture_first,
        where=options.part,
        temperature=options.temperature,
        top_p=options.top_p,
        answer_seed=options.answer_seed,
        system=options.system,
        turns=tuple(turn.model_dump() for turn in options.conversation),
    )


def _target(options: RunOptions) -> Target:
    told = options.target
    if told is None:
        return Target.answer()
    if isinstance(told, str):
        return Target.words(told)
    return Target(**told.model_dump(exclude_unset=True))


def _pictures(body: Body) -> Sequence[ChosenPicture]:
    options = body.options
    ways = [bool(body.files), bool(options.pictures), options.run is not None]
    if sum(ways) != 1:
        raise InputError(
            "Say what the question is about in one way: upload pictures or a video, name stored pictures by their "
            "digests, or name a run whose pictures are meant."
        )
    sampling = Sampling(options.fps, options.frames, options.start, options.end)
    if not body.files and not sampling.is_default:
        raise InputError("The frames of a stored video are sampled already. Upload its file to sample others.")
    if body.files:
        return _read(body, sampling)
    return _of_run(options.run) if options.run is not None else _stored(options.pictures)


def _read(body: Body, sampling: Sampling) -> Sequence[ChosenPicture]:
    films = [given.moves or is_film(given.file.head(HEAD)) for given in body.files]
    if any(films) and len(films) > 1:
        raise InputError("A question is about one video alone, or about pictures.")
    if not any(films) and not sampling.is_default:
        raise InputError("Frames are sampled of a video, and a picture was uploaded. Upload it as a video if it moves.")
    if any(films):
        (given,) = body.files
        return [read_video(given.name, given.file.read, sampling=sampling)]
    how = {"brightness": Brightness.parse(body.options.brightness), "page": body.options.page}
    chosen = [read_picture(given.name, given.file.read, **how) for given in body.files]
    if len({each.digest for each in chosen}) < len(chosen):
        raise InputError("The same picture was uploaded twice.")
    return chosen


def _stored(digests: Sequence[str]) -> Sequence[ChosenPicture]:
    """Pictures that one may see, since a run that one may see is about them."""
    found = []
    for digest in digests:
        name = resources.storage().runs.picture_name(digest, identity.viewer())
        if name is None:
            raise InputError(f"There is no stored picture with the digest {digest}. Upload it.")
        found.append(stored_picture(name, digest, resources.storage()).checked())
    return found


def _of_run(name: str) -> Sequence[ChosenPicture]:
    record = find_record(name) if is_run_id(name) else None
    if record is None:
        raise InputError("There is no run of that name whose pictures could be meant.")
    return stored_pictures(ExplainRequest.from_dict(record.request), record.names)
