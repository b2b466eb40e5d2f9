"""How lists are paged: the parameters that every list takes."""

PAGE = {"after": "what the page before said", "limit": "how many at most, 1 to 100"}
