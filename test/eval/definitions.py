"""What a text says that words mean, as an operator would tell it with term_add().

Only plain definitions are taken, of one word or abbreviation: "ASP = average
sale price", "ASP (average selling price) = ...", "TSC means total sales count",
"married refers to status = 'M'".  What is said in brackets behind the word is
another form of the same.  A meaning ends with its sentence or line.
"""
import re

WORD = r"[\"']?([A-Za-z][A-Za-z0-9_-]*)[\"']?"
SAYS = r"(?:=|:|means|is defined as|are defined as|refers? to|stands? for)"
DEFINITION = re.compile(
    r"(?:^|[.;\n]\s*|\"|,\s+)" + WORD + r"\s*(?:\(([^()]*)\))?\s+?" + SAYS + r"\s+(.+?)(?=\.(?:\s|$)|\n|;|\s[A-Z]{2,}\s*=|$)", re.S)


def definitions(text):
    """[(word, [meaning, ...])], the likeliest meaning first."""
    found = []
    for word, brackets, meaning in DEFINITION.findall(text or ""):
        meanings = [meaning.strip()] + ([brackets.strip()] if brackets.strip() else [])
        found.append((word, meanings))
    return found
