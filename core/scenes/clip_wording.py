"""The words of the clips: when things happen, and the paraphrases of each question, in two languages."""

from dataclasses import dataclass

from core.scenes.wording import CELL_NAMES, CELL_NAMES_ZH, COLORS_ZH, SHAPES_ZH, TEMPLATES

MOMENTS = ("at the beginning", "in the middle", "at the end")
"""The first time step of a clip, those between, and the last one."""
MOMENTS_ZH = ("一开始", "中途", "最后")

CLIP_TEMPLATES: dict[str, tuple[str, ...]] = {
    "appear": (
        "When does the {} appear?",
        "When do you first see the {}?",
        "At what time does the {} appear?",
        "when does the {} appear",
    ),
    "vanish": (
        "When does the {} vanish?",
        "When does the {} disappear?",
        "At what time does the {} vanish?",
        "when does the {} vanish",
    ),
    "begin": (
        "Where is the {} at the beginning?",
        "Where is the {} at the start of the video?",
        "At the beginning, where is the {}?",
        "where is the {} at the beginning",
    ),
    "end": (
        "Where is the {} at the end?",
        "Where is the {} at the end of the video?",
        "At the end, where is the {}?",
        "where is the {} at the end",
    ),
    "first": (
        "Which appears first, the {} or the {}?",
        "Which came first, the {} or the {}?",
        "What do you see first, the {} or the {}?",
        "which appears first, the {} or the {}",
    ),
    "move": (
        "Does the {} move?",
        "Does the {} move, and where to?",
        "Is the {} moving?",
        "does the {} move",
    ),
    "happens": (
        "What happens in this video?",
        "Describe this video.",
        "Describe the video in detail.",
        "Describe the main content in this video in detail.",
        "Please describe the main content in this video in detail.",
        "What do you see in this video?",
        "What does the video show?",
        "Tell me about this video.",
        "what happens in this video",
        *TEMPLATES["describe_en"],
    ),
    "appear_zh": ("{}什么时候出现？", "{}是什么时候出现的？", "请问{}什么时候出现？", "{}什么时候出现"),
    "vanish_zh": ("{}什么时候消失？", "{}是什么时候消失的？", "请问{}什么时候消失？", "{}什么时候消失"),
    "begin_zh": ("{}一开始在哪里？", "一开始{}在哪里？", "请问{}一开始在哪里？", "{}一开始在哪里"),
    "end_zh": ("{}最后在哪里？", "最后{}在哪里？", "请问{}最后在哪里？", "{}最后在哪里"),
    "first_zh": ("{}和{}哪个先出现？", "哪个先出现，{}还是{}？", "请问{}和{}哪个先出现？", "{}和{}哪个先出现"),
    "move_zh": ("{}移动了吗？", "{}移动到哪里？", "请问{}移动了吗？", "{}移动了吗"),
    "happens_zh": (
        "视频中发生了什么？",
        "描述这段视频。",
        "请详细描述这段视频。",
        "请详细描述这段视频中的主要内容。",
        "这段视频中有什么？",
        "描述这段视频",
        *TEMPLATES["describe_zh"],
    ),
}
"""Paraphrases of each kind of question about a clip; every paraphrase of a kind has the same answer."""

CLIP_KINDS = tuple(CLIP_TEMPLATES)
SHORT_CLIP_KINDS = tuple(kind for kind in CLIP_KINDS if not kind.startswith("happens"))


@dataclass(frozen=True)
class Language:
    """What answers about clips are made of, in one language.

    Attributes:
        cells: names of the nine cells.
        moments: names of the first step, of those between, and of the last one.
        never_appears, never_vanishes: of what did not; `nowhere`: of what is not there; `neither`: of two such.
        stays, moves: answers to whether something moves; a cell belongs into `moves`.
        appearing, vanishing, moving: how a description goes on behind an object; a moment or cell belongs into each.
        nothing: the description of an empty clip.
    """

    cells: tuple[str, ...]
    moments: tuple[str, str, str]
    never_appears: str
    never_vanishes: str
    nowhere: str
    neither: str
    stays: str
    moves: str
    appearing: str
    vanishing: str
    moving: str
    nothing: str


ENGLISH = Language(
    cells=CELL_NAMES,
    moments=MOMENTS,
    never_appears="never",
    never_vanishes="never",
    nowhere="nowhere",
    neither="none",
    stays="no",
    moves="yes, to the {}",
    appearing=" that appears {}",
    vanishing=" that vanishes {}",
    moving=" that moves to the {}",
    nothing="There is nothing in this video.",
)
CHINESE = Language(
    cells=CELL_NAMES_ZH,
    moments=MOMENTS_ZH,
    never_appears="没有出现",
    never_vanishes="没有消失",
    nowhere="图中没有",
    neither="都没有",
    stays="没有移动",
    moves="移动到{}",
    appearing="{}出现",
    vanishing="{}消失",
    moving="移动到{}",
    nothing="视频中什么都没有。",
)


def name_zh(color: int, shape: int) -> str:
    """The Chinese name of an object."""
    return COLORS_ZH[color] + SHAPES_ZH[shape]
