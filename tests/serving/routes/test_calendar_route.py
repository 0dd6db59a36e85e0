def test_a_sector_has_a_calendar_and_an_unknown_one_has_none(api):
    answer = api.call("GET", "/v1/calendar/deauville-1.ics", "calendar")
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/calendar")
    assert answer.text.startswith("BEGIN:VCALENDAR")
    unknown = api.call("GET", "/v1/calendar/ailleurs.ics", "calendar")
    assert unknown.status_code == 404
    assert unknown.json()["type"] == "/problems/not-found"


def test_a_path_that_climbs_goes_nowhere(api):
    for path in ("/v1/calendar/..%2f..%2fetc%2fpasswd.ics", "/v1/calendar/../../etc/passwd.ics"):
        assert api.call("GET", path, "calendar").status_code in {404, 422}
