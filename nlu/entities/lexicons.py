"""Closed lists of French words: streams, kinds of users, classes of waste."""

from types import MappingProxyType

FLUX = MappingProxyType(
    {
        "omr": (
            "ordures ménagères", "ordure ménagère", "ordures", "ordure", "om", "omr",
            "déchets ordinaires", "poubelle ordinaire", "poubelle normale", "poubelles normales",
            "tout-venant ménager", "ordur", "ordures résiduelles", "bac des ordures",
            "bac à ordures", "bac om", "déchets ménagers", "bac ordures ménagères",
        ),
        "emballages": (
            "emballages", "emballage", "recyclables", "recyclable", "recyclage", "plastiques",
            "plastique", "cartons", "carton", "canettes", "canette", "bac de tri", "bac à tri",
            "bac à cartons", "sacs de tri", "sac de tri", "poubelle de tri", "déchets recyclables",
            "métal", "bouteilles en plastique", "briques alimentaires", "bac recyclage",
            "tri sélectif", "le sélectif", "multimatériaux", "bouchons en plastique",
        ),
        "verre": (
            "verre", "verres", "vere", "en verre", "poubelle à verre", "bac à verre", "bocaux",
            "bocal", "pots de confiture", "bouteilles", "bouteille", "bouteil",
            "bouteilles vides", "bouteilles en verre", "pots en verre",
        ),
        "papier": (
            "papier", "papiers", "journaux", "journal", "magazines", "magazine", "prospectus",
            "revues", "vieux papiers", "papié",
        ),
        "textile": (
            "textile", "textiles", "vêtements", "vêtement", "habits", "habit", "linge", "fringues",
            "chaussures", "draps", "rideaux", "baskets", "couettes", "fringue", "tissus",
        ),
        "biodechets": (
            "biodéchets", "biodéchet", "bio déchets", "déchets alimentaires", "bac biodéchets",
            "restes alimentaires", "déchets de cuisine",
            "déchets de table", "bac bio", "déchets organiques", "déchets compostables",
        ),
        "dechets_verts": (
            "déchets verts", "déchet vert", "végétaux", "déchets végétaux", "végétal",
            "déchets de jardin",
        ),
        "encombrants": ("encombrants", "encombrant", "monstres", "gros objets"),
    }
)  # fmt: skip

USER_CATEGORIES = MappingProxyType(
    {
        "resident_secondaire": (
            "résidence secondaire", "résidences secondaires", "résident secondaire",
            "résidents secondaires", "resid secondaire", "résidence de vacances",
            "maison secondaire", "maison de vacances", "maison de famille", "pied-à-terre",
            "appartement de vacances", "secondaire", "villa de vacances",
        ),
        "visiteur": (
            "vacancier", "vacanciers", "vacancière", "touriste", "touristes", "en vacances",
            "visiteur", "visiteurs", "campeur", "locataire saisonnier", "locataires saisonniers",
            "estivant", "estivants", "camping-car", "randonneurs", "locataires de vacances",
        ),
        "professionnel": (
            "pro", "pros", "professionnel", "professionnels", "professionnelle",
            "professionnelles", "restaurant", "resto", "restau", "restaurateur", "restaurateurs",
            "restauratrice", "boutique", "boutiques", "boutik", "commerce", "commerces",
            "commerçant", "commerçants", "commerçante", "comercant", "gîte", "gîtes",
            "boulangerie", "boulanger", "camping", "hôtel", "hôtels", "hôtelier", "artisan",
            "artisans", "crêperie", "syndic", "brasserie", "magasin", "magasins", "conciergerie",
            "entreprise", "entreprises", "salon de thé", "garage automobile", "plombier",
            "chambres d'hôtes", "chambre d'hôtes", "épicerie", "épicier", "pizzeria", "fleuriste",
            "agriculteur", "auto-entrepreneur", "autoentrepreneur", "micro-entreprise",
            "paysagiste", "maçon", "peintre en bâtiment", "librairie", "coiffeur", "coiffeuse",
            "salon de coiffure", "snack", "infirmière libérale", "infirmier libéral", "forain",
            "traiteur", "couvreur", "menuisier", "menuisiers", "menuiserie", "électricien",
            "kebab", "poissonnerie", "poissonnier", "boucherie", "boucher", "pharmacie",
            "pharmacien", "société", "sarl", "agence immobilière", "glacier", "food-truck",
            "foodtruck", "bistrot", "bistro", "dentiste", "cabinet", "cabinet médical",
            "cabinet dentaire", "local commercial", "location saisonnière",
            "locations saisonnières", "meublé de tourisme", "meublés de tourisme", "meublé",
            "airbnb", "bar", "bar-tabac", "tabac", "gérant", "gérante", "association",
            "associations", "asso", "club", "quincaillerie", "institut de beauté", "bailleur",
            "jardinier", "notaire", "laverie", "loueur", "supermarché", "fonds de commerce",
            "atelier", "glacerie",
        ),
        "resident_principal": (
            "résident", "résidents", "résident permanent", "particulier", "particuliers",
            "résidence principale", "habitant", "habitants", "locataire", "locataires",
            "propriétaire", "propriétaires", "proprio", "retraité", "retraités", "retraitée",
            "à l'année", "étudiant", "étudiante", "nouvel arrivant", "copropriété", "copro",
            "copropriétaire", "famille", "riverain", "riverains", "famille nombreuse",
            "personnes âgées", "personne handicapée", "usufruitier",
        ),
    }
)  # fmt: skip

WASTE_CLASSES = MappingProxyType(
    {
        "dangereux": (
            "produits dangereux", "produit dangereux", "déchets dangereux", "déchet dangereux",
            "déchets toxiques", "produits toxiques", "produit toxique", "toxiques", "toxique",
            "produits chimiques", "produit chimique", "déchets chimiques", "prod toxique",
        ),
        "deee": (
            "électroménager", "électronique", "appareils électriques", "deee", "d3e",
            "déchets électroniques", "appareil électrique",
        ),
        "dasri": ("dasri", "déchets de soins", "déchets médicaux", "déchet médical"),
        "amiante": ("déchets amiantés", "amianté", "déchets d'amiante"),
    }
)  # fmt: skip
