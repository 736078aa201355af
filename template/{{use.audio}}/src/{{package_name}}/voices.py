"""Who speaks in the corpora of this project, what words, and how loud."""

WORDS = tuple("zero one two three four five six seven eight nine".split())
ACCENTS = "en en-us en-029 en-gb-scotland en-gb-x-gbclan en-gb-x-rp".split()
VOICES = (
    "m1 m2 m3 m4 m5 m6 m7 m8 f1 f2 f3 f4 f5 Alicia Andrea Annie Denis Diogo Gene Henrique Hugo "
    "Jacky Lee Marco Mario Michael Reed Steph Storm Travis"
).split()
# other voices of espeak-ng that could be people, for data that need many to train on; none is
# another's copy
MORE_VOICES = (
    "adam anika antonio aunty belinda benjamin boris caleb david ed edward grandma grandpa gustave "
    "ian john kaukovalta klatt linda marcelo max michel miguel norbert pablo paul pedro quincy rob "
    "robert sandro shelby victor zac Alex Andy Nguyen Mike"
).split()
PEAK = (0.15, 0.45)  # of a clip: as loud as people record
