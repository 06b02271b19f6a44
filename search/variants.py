"""British and American spellings of one word."""

import re

# Each ending or beginning with what stands for both spellings. The outcome is only compared, so
# that it need not be a word.
RULES = [
    (re.compile(pattern), replacement)
    for pattern, replacement in (
        # organise, organisation, analyse
        (r"([iy])s(e[srd]?|ing|ers?|ations?|ational|able)$", r"\1z\2"),
        # colour, favourite, behavioural, neighbourhood
        (
            r"^(.{3,}|od|arm|val|vap|vig|rig|hum)our"
            r"(s|ed|ing|ful|fully|less|able|ably|ites?|itism|ist|ism|hoods?|ly|al|ally|ers?)?$",
            r"\1or\2",
        ),
        # centre, theatre, fibre, metres
        (r"^(.{2,}[tb])re([sd])?$", r"\1er\2"),
        (r"^centring$", "centering"),
        # catalogue, dialogue
        (r"^(.{3,})ogu(e|es|ed|ing)$", r"\1og\2"),
        (r"^(.{3,}og)es?$", r"\1"),
        (r"^(.{3,}og)s$", r"\1"),
        (r"^programme(s?)$", r"program\1"),
        (r"^gre(y|ys|yer|yest|yish|ying|yed|yness)$", r"gra\1"),
        # defence, licence, practice
        (r"^(def|off|lic|pret)ence([sd]?)$", r"\1ense\2"),
        (r"^practis(e|es|ed|ing)$", r"practic\1"),
        (r"^practiz(e|es|ed|ing)$", r"practic\1"),
        # anaemia, paediatrician, archaeology, foetus, oestrogen, manoeuvre
        (r"^(an|arch|orthop|encyclop|gyn|leuk|h|p|medi|prim)ae([a-z]{2,})$", r"\1e\2"),
        (r"^(f|s|diarrh|am|hom)oe([a-z]{2,})$", r"\1e\2"),
        (r"^oe([a-z]{3,})$", r"e\1"),
        (r"^manoeuv(?:re|er)", "maneuver"),
        (r"^manoeuvr", "maneuver"),
        (r"^aeroplane", "airplane"),
        # ageing, judgement, acknowledgement
        (r"^ageing$", "aging"),
        (r"dgement", "dgment"),
        (r"^(skil|wil)ful", r"\1lful"),
        (r"^(fulfil|enrol|instil|distil|appal|enthral)(s|ment|ments)?$", r"\1l\2"),
        (r"^(instal)ments?$", r"\1lment"),
        (r"^jewellery$", "jewelry"),
        (r"^aluminium$", "aluminum"),
        (r"^mou(ld|lt|stache)", r"mo\1"),
        (r"^plough", "plow"),
        (r"^sceptic", "skeptic"),
        (r"^tyre(s?)$", r"tire\1"),
        (r"^kerb(s?)$", r"curb\1"),
        (r"^cheque(s?)$", r"check\1"),
        (r"^pyjamas?$", "pajama"),
        (r"^cosy$", "cozy"),
        (r"^draught", "draft"),
        (r"^sulph", "sulf"),
    )
]
SHORTEST = 4


def american(word: str) -> str:
    """Return a word in lower case as it is spelt in the United States, or as none spells it."""
    if len(word) >= SHORTEST and word.isascii() and word.isalpha():
        for pattern, replacement in RULES:
            word = pattern.sub(replacement, word)
    return word
