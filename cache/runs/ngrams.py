"""Words of one or two characters, for the index that finds them: in Chinese, most words are that short.

SQLite's index of trigrams holds no shorter ones. Here a text becomes the single characters and the pairs of
neighbours that occur in it, each as a word of hexadecimal digits, which any tokenizer leaves whole.
"""

LONGEST = 2
"""Characters of the longest word that this index finds."""


def ngrams(*texts: object) -> str:
    """All that occurs in any of the texts, each once; never across a blank. What is no text holds nothing."""
    found: set[str] = set()
    for text in texts:
        for word in (text if isinstance(text, str) else "").split():
            folded = _fold(word)
            found.update(folded)
            found.update(map(str.__add__, folded, folded[1:]))
    return " ".join(map(_token, found))


def token(word: str) -> str:
    """How a word of at most `LONGEST` characters stands in `ngrams`."""
    return _token(_fold(word))


def _fold(word: str) -> str:
    lower = word.lower()
    # A few characters become two; left as they are, a word keeps its length.
    return lower if len(lower) == len(word) else "".join(c.lower() if len(c.lower()) == 1 else c for c in word)


def _token(ngram: str) -> str:
    return "".join(f"x{ord(character):x}" for character in ngram)
