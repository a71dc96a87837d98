"""What can be clicked on: annotations, forms, actions, optional content (ISO 19005-3, 6.3, 6.4, 6.5, 6.9)."""

from __future__ import annotations

import pikepdf

from einvoice.pdf.conditions.condition import condition
from einvoice.pdf.conditions.parts import Thing
from einvoice.pdf.conditions.seen.interaction import Action, Annotation, Field
from einvoice.pdf.conditions.seen.optional import Configuration
from einvoice.pdf.conditions.seen.pages import Page
from einvoice.pdf.conditions.seen.values import array, integer, name, number, stream

_ANNOTATIONS = frozenset(
    "Text Link FreeText Line Square Circle Polygon PolyLine Highlight Underline Squiggly StrikeOut Stamp Caret Ink Popup "
    "FileAttachment Widget PrinterMark TrapNet Watermark Redact".split()
)
_ACTIONS = frozenset("GoTo GoToR GoToE Thread URI Named SubmitForm".split())
_INVISIBLE, _HIDDEN, _PRINT, _NO_VIEW, _TOGGLES = 1, 2, 4, 32, 256


@condition("PDFA-6.3.1-1", "annotations")
def annotation_is_of_an_allowed_type(annotation: Annotation) -> object:
    """Remove the annotation: sound, film, 3D and unknown kinds cannot be archived."""
    return annotation.kind in _ANNOTATIONS


@condition("PDFA-6.3.2-1", "annotations")
def annotation_has_flags(annotation: Annotation) -> object:
    """Set the flags (F) of the annotation, at least Print (4)."""
    return annotation.kind == "Popup" or integer(annotation.dictionary.get("/F")) is not None


@condition("PDFA-6.3.2-2", "annotations")
def annotation_is_visible_and_printed(annotation: Annotation) -> object:
    """Set the flag Print of the annotation, and clear Hidden, Invisible, NoView and ToggleNoView."""
    flags = integer(annotation.dictionary.get("/F"))
    return flags is None or flags & (_INVISIBLE | _HIDDEN | _PRINT | _NO_VIEW | _TOGGLES) == _PRINT


@condition("PDFA-6.3.3-1", "annotations")
def annotation_has_an_appearance(annotation: Annotation) -> object:
    """Give the annotation an appearance (AP), so that every reader draws it alike."""
    return annotation.kind in {"Popup", "Link"} or annotation.appearance is not None or _has_no_size(annotation)


def _has_no_size(annotation: Annotation) -> bool:
    sides = [number(each) for each in array(annotation.dictionary.get("/Rect"))]
    return len(sides) == 4 and None not in sides and sides[0] == sides[2] and sides[1] == sides[3]


@condition("PDFA-6.3.3-2", "annotations")
def appearance_is_the_normal_one(annotation: Annotation) -> object:
    """Leave only N in the appearance dictionary of the annotation."""
    return annotation.appearance is None or set(annotation.appearance.keys()) == {"/N"}


@condition("PDFA-6.3.3-3", "annotations")
def button_has_an_appearance_for_each_state(annotation: Annotation) -> object:
    """Let N of the button's appearance be a dictionary with a stream for each state."""
    if not _has_normal_only(annotation) or not _is_button(annotation):
        return True
    normal = annotation.appearance.get("/N") if annotation.appearance is not None else None
    return isinstance(normal, pikepdf.Dictionary) and any(stream(each) is not None for each in normal.values())


@condition("PDFA-6.3.3-4", "annotations")
def annotation_has_one_appearance(annotation: Annotation) -> object:
    """Let N of the annotation's appearance be a stream."""
    if not _has_normal_only(annotation) or _is_button(annotation):
        return True
    return annotation.appearance is not None and stream(annotation.appearance.get("/N")) is not None


def _has_normal_only(annotation: Annotation) -> bool:
    return annotation.appearance is not None and set(annotation.appearance.keys()) == {"/N"}


def _is_button(annotation: Annotation) -> bool:
    return annotation.kind == "Widget" and annotation.field_type == "Btn"


@condition("PDFA-6.4.1-1", "annotations")
def widget_does_nothing(annotation: Annotation) -> object:
    """Remove the actions (A, AA) of the form field's widget."""
    return annotation.kind != "Widget" or not {"/A", "/AA"} & set(annotation.dictionary.keys())


@condition("PDFA-6.4.1-2", "fields")
def field_does_nothing(field: Field) -> object:
    """Remove the actions (AA) of the form field."""
    return "/AA" not in field.dictionary


@condition("PDFA-6.4.1-3", "form")
def form_is_drawn_already(form: Thing) -> object:
    """Set NeedAppearances of the form to false, and give each field its appearance."""
    return form.dictionary.get("/NeedAppearances") in {None, False}


@condition("PDFA-6.4.2-1", "form")
def form_is_no_xfa(form: Thing) -> object:
    """Remove XFA from the form, or flatten it: the PDF is drawn from XML that readers do not know."""
    return "/XFA" not in form.dictionary


@condition("PDFA-6.4.2-2", "catalog")
def document_needs_no_rendering(catalog: Thing) -> object:
    """Remove NeedsRendering from the catalog."""
    return catalog.dictionary.get("/NeedsRendering") in {None, False}


@condition("PDFA-6.5.1-1", "actions")
def action_is_allowed(action: Action) -> object:
    """Remove the action: JavaScript, starting programs, sound, film and hiding are forbidden."""
    return name(action.dictionary.get("/S")) in _ACTIONS


@condition("PDFA-6.5.1-2", "actions")
def named_action_turns_pages(action: Action) -> object:
    """Use the named actions NextPage, PrevPage, FirstPage and LastPage only."""
    return name(action.dictionary.get("/S")) != "Named" or name(action.dictionary.get("/N")) in {
        "NextPage",
        "PrevPage",
        "FirstPage",
        "LastPage",
    }


@condition("PDFA-6.5.2-1", "catalog")
def document_does_nothing(catalog: Thing) -> object:
    """Remove the additional actions (AA) of the catalog."""
    return "/AA" not in catalog.dictionary


@condition("PDFA-6.5.2-2", "pages")
def page_does_nothing(page: Page) -> object:
    """Remove the additional actions (AA) of the page."""
    return "/AA" not in page.dictionary


@condition("PDFA-6.9-1", "configurations")
def configuration_has_a_name(configuration: Configuration) -> object:
    """Give the configuration of optional content a Name."""
    return configuration.name


@condition("PDFA-6.9-2", "configurations")
def configuration_has_its_own_name(configuration: Configuration) -> object:
    """Give each configuration of optional content a Name of its own."""
    return not configuration.repeated


@condition("PDFA-6.9-3", "configurations")
def configuration_orders_all_groups(configuration: Configuration) -> object:
    """List every optional content group in Order of the configuration, or remove Order."""
    return configuration.left_out == 0


@condition("PDFA-6.9-4", "configurations")
def configuration_switches_nothing_by_itself(configuration: Configuration) -> object:
    """Remove AS from the configuration of optional content."""
    return "/AS" not in configuration.dictionary
