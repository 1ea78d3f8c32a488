"""Attention sinks, as published decoders have them, implanted into the embedded model: do its maps hold?"""
