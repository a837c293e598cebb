"""Well-known places and their time zones."""

from __future__ import annotations

import re

_BY_ZONE = {
    "UTC": "utc, gmt, greenwich",
    "America/New_York": "new york, new york city, nyc, boston, washington dc, washington d.c., miami, atlanta, "
    "eastern time, us eastern time",
    "America/Chicago": "chicago, houston, dallas, austin, central time, us central time",
    "America/Denver": "denver, salt lake city, mountain time, us mountain time",
    "America/Phoenix": "phoenix",
    "America/Los_Angeles": "los angeles, san francisco, seattle, san diego, las vegas, california, pacific time, "
    "us pacific time",
    "America/Anchorage": "anchorage",
    "Pacific/Honolulu": "honolulu, hawaii",
    "America/Toronto": "toronto, montreal, ottawa",
    "America/Vancouver": "vancouver",
    "America/Mexico_City": "mexico city",
    "America/Bogota": "bogota, colombia",
    "America/Lima": "lima, peru",
    "America/Santiago": "santiago de chile",
    "America/Sao_Paulo": "sao paulo, são paulo, rio de janeiro",
    "America/Argentina/Buenos_Aires": "buenos aires, argentina",
    "Atlantic/Reykjavik": "reykjavik, iceland",
    "Europe/London": "london, england, uk, the uk, united kingdom, the united kingdom, edinburgh, scotland, wales",
    "Europe/Dublin": "dublin, ireland",
    "Europe/Lisbon": "lisbon",
    "Europe/Madrid": "madrid, barcelona",
    "Europe/Paris": "paris, lyon",
    "Europe/Brussels": "brussels, belgium",
    "Europe/Amsterdam": "amsterdam, netherlands, the netherlands",
    "Europe/Berlin": "berlin, munich, hamburg, frankfurt, germany",
    "Europe/Zurich": "zurich, zürich, geneva, bern, switzerland",
    "Europe/Vienna": "vienna, austria",
    "Europe/Rome": "rome, milan, italy",
    "Europe/Prague": "prague, czechia",
    "Europe/Warsaw": "warsaw, poland",
    "Europe/Copenhagen": "copenhagen, denmark",
    "Europe/Stockholm": "stockholm, sweden",
    "Europe/Oslo": "oslo, norway",
    "Europe/Helsinki": "helsinki, finland",
    "Europe/Athens": "athens, greece",
    "Europe/Istanbul": "istanbul, ankara, turkey",
    "Europe/Kyiv": "kyiv, kiev, ukraine",
    "Europe/Moscow": "moscow",
    "Africa/Cairo": "cairo, egypt",
    "Africa/Lagos": "lagos, nigeria",
    "Africa/Nairobi": "nairobi, kenya",
    "Africa/Johannesburg": "johannesburg, cape town, south africa",
    "Asia/Jerusalem": "jerusalem, tel aviv, israel",
    "Asia/Dubai": "dubai, abu dhabi",
    "Asia/Karachi": "karachi, pakistan",
    "Asia/Kolkata": "kolkata, mumbai, delhi, new delhi, bangalore, chennai, india",
    "Asia/Kathmandu": "kathmandu, nepal",
    "Asia/Bangkok": "bangkok, thailand",
    "Asia/Jakarta": "jakarta",
    "Asia/Singapore": "singapore",
    "Asia/Hong_Kong": "hong kong",
    "Asia/Shanghai": "shanghai, beijing, china",
    "Asia/Taipei": "taipei, taiwan",
    "Asia/Manila": "manila, philippines, the philippines",
    "Asia/Seoul": "seoul, south korea",
    "Asia/Tokyo": "tokyo, osaka, kyoto, japan",
    "Australia/Perth": "perth",
    "Australia/Brisbane": "brisbane",
    "Australia/Sydney": "sydney, canberra",
    "Australia/Melbourne": "melbourne",
    "Pacific/Auckland": "auckland, wellington, new zealand",
}  # fmt: skip
_ZONES = {place: zone for zone, places in _BY_ZONE.items() for place in places.split(", ")}
_IANA = re.compile(
    r"(?:Africa|America|Antarctica|Asia|Atlantic|Australia|Europe|Indian|Pacific|Etc)/[A-Za-z_+\-/0-9]{2,40}"
)


def zone(place: str) -> str | None:
    """Return the time zone's name for a place or for a zone name; None for an unknown place."""
    place = " ".join(place.split())
    return place if _IANA.fullmatch(place) else _ZONES.get(place.lower())
