"""The words of the scenes: names of colours, shapes and positions, and the paraphrases of each question."""

CELL_NAMES = (
    "top left",
    "top middle",
    "top right",
    "middle left",
    "center",
    "middle right",
    "bottom left",
    "bottom middle",
    "bottom right",
)
COLORS_ZH = ("红色", "绿色", "蓝色", "黄色", "紫色", "橙色", "黑色", "白色")
SHAPES_ZH = ("圆形", "方形", "三角形", "星形", "十字形", "圆环")
CELL_NAMES_ZH = ("左上角", "上方", "右上角", "左侧", "中央", "右侧", "左下角", "下方", "右下角")
NUMBERS = ("zero", "one", "two", "three", "four")
PLURALS = ("circles", "squares", "triangles", "stars", "crosses", "rings")

TEMPLATES: dict[str, tuple[str, ...]] = {
    "where": (
        "Where is the {}?",
        "In which part of the image is the {}?",
        "What is the position of the {}?",
        "where is the {}",
    ),
    "color": (
        "What color is the {}?",
        "Which color does the {} have?",
        "What is the color of the {}?",
        "what color is the {}",
    ),
    "shape": (
        "What shape is the {} object?",
        "Which shape does the {} object have?",
        "What is the shape of the {} object?",
        "what shape is the {} object",
    ),
    "at": (
        "What is in the {}?",
        "Which object is in the {}?",
        "What do you see in the {}?",
        "what is in the {}",
    ),
    "count": (
        "How many {} are there?",
        "How many {} do you see?",
        "Count the {}.",
        "how many {} are there",
    ),
    "exist": (
        "Is there {}?",
        "Do you see {}?",
        "Does the image show {}?",
        "is there {}",
    ),
    "where_zh": ("{}在哪里？", "{}在图中的什么位置？", "请问{}在哪里？", "{}在哪里"),
    "describe_en": (
        "Describe the main content in this image in detail.",
        "Please describe the main content in this image in detail.",
        "Describe this image.",
        "Describe the image in detail.",
        "Describe the picture.",
        "What do you see?",
        "What do you see in this image?",
        "What is in this image?",
        "What does the picture show?",
        "What is this?",
        "List all objects in the image.",
        "Tell me about this picture.",
        "describe this image",
    ),
    "describe_zh": (
        "请详细描述这张图片中的主要内容。",
        "请描述这张图片中的主要内容。",
        "请详细描述这张图片。",
        "描述这张图片。",
        "这张图片中有什么？",
        "图中有什么？",
        "你看到了什么？",
        "描述这张图片",
    ),
}
"""Paraphrases of each kind of question; every paraphrase of a kind has the same answer."""

KINDS = tuple(TEMPLATES)
SHORT_KINDS = KINDS[:7]
