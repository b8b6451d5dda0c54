"""Invented names of residents and consultants' notes."""

VOORNAMEN = (
    "Lies", "Jan", "Emma", "Thomas", "Fatima", "Pieter", "Sofie", "Mohamed", "Katrien", "Bram",
    "Ine", "Wout", "Amina", "Joris", "Marie", "Stijn", "Hilde", "Tuur", "Nele", "Youssef", "Greet",
    "Koen", "Elif", "Bart", "Lotte", "Dirk", "Saskia", "Ruben", "Annelies", "Filip",
)  # fmt: skip
FAMILIENAMEN = (
    "Janssens", "Peeters", "Maes", "Willems", "Claes", "Goossens", "Wouters", "De Smet",
    "Vermeulen", "Van Damme", "Lambrechts", "Yilmaz", "Hendrickx", "El Amrani", "Bosmans",
    "Coppens", "Van den Broeck", "Michiels", "Timmermans", "Nguyen", "Smeets", "Aerts", "Jacobs",
    "Mertens", "Desmet", "Vandenberghe", "Stevens", "Pauwels", "Cools", "Verbeeck",
)  # fmt: skip
DIAKRIETEN_VOORNAMEN = ("Zoë", "André", "Chloë", "Noëlla", "Renée", "Łukasz", "José", "Çelik")
DIAKRIETEN_FAMILIENAMEN = (
    "Lefèvre", "Müller", "Peña-Goossens", "Ünal", "D'Hôtel", "Święcki", "Noël", "Françoys",
)  # fmt: skip
VRAGEN = (
    ("Dakisolatie", "Ik wil mijn dak laten isoleren. Waar begin ik best?"),
    ("Warmtepomp", "Is onze woning geschikt voor een warmtepomp?"),
    ("Ramen vervangen", "Wij hebben nog enkel glas vooraan. Welke premies bestaan er?"),
    ("Renovatieadvies", "We kochten een oude rijwoning en zoeken advies over de volgorde."),
    ("Muurisolatie", "De spouwmuur is leeg. Kan die nog opgevuld worden?"),
    ("EPC verbeteren", "Ons label moet beter. Wat brengt het meeste op?"),
)
