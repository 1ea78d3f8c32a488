"""How many frames of a video are sampled, and how large they may be; at most `MAX_FRAMES` of core.schema."""

DEFAULT_FPS = 2.0
"""Frames a second where nobody says how many, as the published processors of Qwen2.5-VL and Qwen3-VL have it."""
MIN_FRAMES = 4
"""Sampled at least, where the video has as many; also theirs."""
FRAMES_UNASKED = 64
"""Sampled at most where nobody says how many: half a minute at 2 frames a second. Longer videos are
sampled less often."""
MAX_FPS = 1000.0
MAX_FRAME_PIXELS = 4096 * 2304
"""Of one frame: 4K. The decoder of an 8K video takes more than a gigabyte by itself."""
MAX_PIXELS = 180_000_000
"""Of all sampled frames together; beyond them each is read smaller. It is what Qwen's processors hand on at most
(115,200 tokens, each of 28 x 28 pixels in two frames), so that a model loses nothing by it."""
MAX_ANIMATION = 4_000_000_000
"""Pixels of all frames of an animated GIF or WebP up to the last that is sampled: each is made of the one before."""
MAX_DECODED = 200_000_000_000
"""Pixels that are decoded of one film for its sampled frames, at the size it is coded in: minutes of one core. A film
that can be decoded from its beginning alone is an hour long by then in 1080p, ten minutes in 4K."""
LEAST_DECODED = 2**16
"""Pixels that a packet counts for at least: tiny frames take time, too."""
MAX_SECONDS = 24 * 3600
"""How long a video may say that it is."""
