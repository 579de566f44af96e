"""What a printed questionnaire says by itself, in the languages it can say it in.

A new language is one entry of ``WORDS``; headings of background questions are those of the shipped questionnaire.
"""

from collections.abc import Mapping
from dataclasses import dataclass

__all__ = ["WORDS", "Words", "is_right_to_left", "words_for"]

RIGHT_TO_LEFT = {"ar", "dv", "fa", "he", "iw", "ku", "ps", "sd", "ug", "ur", "yi"}


@dataclass(frozen=True, kw_only=True)
class Words:
    """The sentences and headings of one language."""

    language: str
    tick_each: str
    tick_one: str
    write: str
    statements: str
    about_you: str
    thanks: str
    version: str
    headings: Mapping[str, str]


def _headings(*texts: str) -> dict[str, str]:
    names = (
        *("department", "department_other", "region", "seniority", "years_company", "years_function"),
        *("employees", "industry", "revenue", "formal_process", "fulfilment"),
    )
    return dict(zip(names, texts, strict=True))


WORDS: Mapping[str, Words] = {
    words.language: words
    for words in (
        Words(
            language="en",
            tick_each="Please tick one answer for each question.",
            tick_one="Please tick one.",
            write="Please write in.",
            statements="Questions",
            about_you="About you",
            thanks="Thank you for taking part.",
            version="Version",
            headings=_headings(
                *("Department", "Other department", "Region", "Position", "Years in the company"),
                *("Years in the function", "Employees", "Industry", "Revenue", "Planning process"),
                "Order fulfilment",
            ),
        ),
        Words(
            language="de",
            tick_each="Bitte kreuzen Sie zu jeder Frage eine Antwort an.",
            tick_one="Bitte kreuzen Sie eine Antwort an.",
            write="Bitte tragen Sie ein.",
            statements="Fragen",
            about_you="Angaben zu Ihnen",
            thanks="Vielen Dank für Ihre Teilnahme.",
            version="Fassung",
            headings=_headings(
                *("Abteilung", "Andere Abteilung", "Region", "Position", "Jahre im Unternehmen"),
                *("Jahre in der Funktion", "Beschäftigte", "Branche", "Umsatz", "Planungsprozess"),
                "Auftragsabwicklung",
            ),
        ),
        Words(
            language="fr",
            tick_each="Veuillez cocher une réponse par question.",
            tick_one="Veuillez cocher une seule réponse.",
            write="Veuillez compléter.",
            statements="Questions",
            about_you="À propos de vous",
            thanks="Merci de votre participation.",
            version="Version",
            headings=_headings(
                *("Service", "Autre service", "Région", "Fonction", "Ancienneté dans l’entreprise"),
                *("Ancienneté dans la fonction", "Effectif", "Secteur", "Chiffre d’affaires"),
                *("Processus de planification", "Traitement des commandes"),
            ),
        ),
        Words(
            language="nl",
            tick_each="Kruis bij elke vraag één antwoord aan.",
            tick_one="Kruis één antwoord aan.",
            write="Vul in.",
            statements="Vragen",
            about_you="Over u",
            thanks="Hartelijk dank voor uw medewerking.",
            version="Versie",
            headings=_headings(
                *("Afdeling", "Andere afdeling", "Regio", "Functie", "Jaren in het bedrijf"),
                *("Jaren in de functie", "Medewerkers", "Branche", "Omzet", "Planningsproces"),
                "Orderafhandeling",
            ),
        ),
        Words(
            language="es",
            tick_each="Marque una respuesta por pregunta.",
            tick_one="Marque una sola respuesta.",
            write="Escriba su respuesta.",
            statements="Preguntas",
            about_you="Sobre usted",
            thanks="Gracias por su participación.",
            version="Versión",
            headings=_headings(
                *("Departamento", "Otro departamento", "Región", "Cargo", "Años en la empresa"),
                *("Años en la función", "Empleados", "Sector", "Ingresos", "Proceso de planificación"),
                "Gestión de pedidos",
            ),
        ),
        Words(
            language="it",
            tick_each="Barri una risposta per ogni domanda.",
            tick_one="Barri una sola risposta.",
            write="Scriva la risposta.",
            statements="Domande",
            about_you="Su di Lei",
            thanks="Grazie per la partecipazione.",
            version="Versione",
            headings=_headings(
                *("Reparto", "Altro reparto", "Area geografica", "Posizione", "Anni in azienda"),
                *("Anni nella funzione", "Dipendenti", "Settore", "Fatturato", "Processo di pianificazione"),
                "Evasione degli ordini",
            ),
        ),
        Words(
            language="tr",
            tick_each="Lütfen her soru için bir yanıt işaretleyin.",
            tick_one="Lütfen tek bir seçenek işaretleyin.",
            write="Lütfen yazın.",
            statements="Sorular",
            about_you="Hakkınızda",
            thanks="Katılımınız için teşekkür ederiz.",
            version="Sürüm",
            headings=_headings(
                *("Departman", "Diğer departman", "Bölge", "Pozisyon", "Şirketteki yıl sayısı"),
                *("Görevdeki yıl sayısı", "Çalışan sayısı", "Sektör", "Ciro", "Planlama süreci"),
                "Sipariş karşılama",
            ),
        ),
        Words(
            language="ar",
            tick_each="يرجى اختيار إجابة واحدة لكل سؤال.",
            tick_one="يرجى اختيار إجابة واحدة.",
            write="يرجى كتابة الإجابة.",
            statements="الأسئلة",
            about_you="معلومات عنك",
            thanks="شكرًا لمشاركتك.",
            version="الإصدار",
            headings=_headings(
                *("القسم", "قسم آخر", "المنطقة", "المنصب", "سنوات العمل في الشركة"),
                *("سنوات العمل في الوظيفة", "عدد الموظفين", "القطاع", "الإيرادات", "عملية التخطيط"),
                "تنفيذ الطلبات",
            ),
        ),
    )
}


def words_for(language: str) -> Words:
    """Return the words of a language (its region does not matter), English where there are none.

    Examples
    --------
    >>> words_for("de-CH").headings["department"], words_for("xx").language
    ('Abteilung', 'en')

    """
    return WORDS.get(_primary(language), WORDS["en"])


def is_right_to_left(language: str) -> bool:
    """Say whether a language is written from right to left.

    Examples
    --------
    >>> is_right_to_left("ar-EG"), is_right_to_left("tr")
    (True, False)

    """
    return _primary(language) in RIGHT_TO_LEFT


def _primary(language: str) -> str:
    return language.replace("_", "-").split("-")[0].casefold()
