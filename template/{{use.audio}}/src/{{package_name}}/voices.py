"""Who speaks in the corpora of this project, what words, and how loud."""

WORDS = tuple("zero one two three four five six seven eight nine".split())
ACCENTS = "en en-us en-029 en-gb-scotland en-gb-x-gbclan en-gb-x-rp".split()
VOICES = (
    "m1 m2 m3 m4 m5 m6 m7 m8 f1 f2 f3 f4 f5 Alicia Andrea Annie Denis Diogo Gene Henrique Hugo "
    "Jacky Lee Marco Mario Michael Reed Steph Storm Travis"
).split()
PEAK = (0.15, 0.45)  # of a clip: as loud as people record
