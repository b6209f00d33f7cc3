"""Lexical search: finds products by the words they contain, tolerating typos and inflection."""

from lookalike.lexical.document import Document
from lookalike.lexical.index import LexicalIndex
from lookalike.lexical.query import WordQuery
from lookalike.lexical.search import Found, search

__all__ = ["Document", "Found", "LexicalIndex", "WordQuery", "search"]
