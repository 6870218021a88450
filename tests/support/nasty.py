#!/usr/bin/env python3
"""Broken inputs for tests/cli/21-nasty.sh, as files nasty_* in the working directory: by hand and by seed, without GDAL."""
import copy
import json
import math
import random
import sqlite3
import struct
import zipfile

random.seed(7)
communities = json.load(open("communities.geojson", encoding="utf-8"))
buildings = json.load(open("buildings.geojson", encoding="utf-8"))
west, south = buildings["features"][0]["geometry"]["coordinates"][0][0][:2]


def features(base, change, name):
    data = copy.deepcopy(base)
    change(data["features"])
    with open(f"nasty_{name}.geojson", "w", encoding="utf-8") as out:
        json.dump(data, out)


def each(key, value):
    def change(rows):
        for i, row in enumerate(rows):
            made = value(i, row)
            if key == "geometry":
                row["geometry"] = made
            else:
                row["properties"].update(made)
    return change


def polygon(*points):
    return {"type": "Polygon", "coordinates": [[list(p) for p in points]]}


def put(name, data):
    with open(f"nasty_{name}", "wb") as out:
        out.write(data)


# Geometries.
features(buildings, each("geometry", lambda i, r: None), "null")
features(buildings, each("geometry", lambda i, r: None if i % 2 else r["geometry"]), "half_null")
features(buildings, each("geometry", lambda i, r: {"type": "LineString", "coordinates": r["geometry"]["coordinates"][0]}), "lines")
features(buildings, each("geometry", lambda i, r: {"type": "Point", "coordinates": r["geometry"]["coordinates"][0][0]}), "points")
features(buildings, each("geometry", lambda i, r: {"type": "GeometryCollection", "geometries": [
    r["geometry"], {"type": "Point", "coordinates": [0, 0]}, {"type": "GeometryCollection", "geometries": []}]}), "collections")
features(buildings, each("geometry", lambda i, r: {"type": "Polygon", "coordinates": []}), "empty_polygons")
features(buildings, each("geometry", lambda i, r: {"type": "MultiPolygon", "coordinates": [[], [[]], [[[west, south]]]]}), "empty_parts")
features(buildings, each("geometry", lambda i, r: polygon((west, south), (west, south), (west, south), (west, south))), "no_area")
features(buildings, each("geometry", lambda i, r: polygon((west, south), (west + 0.001, south))), "two_points")
features(buildings, each("geometry", lambda i, r: polygon(*[p for p in r["geometry"]["coordinates"][0][:-1]])), "open_rings")
features(buildings, each("geometry", lambda i, r: polygon(*[(west + 0.002 * math.sin(5 * k * 2 * math.pi / 12), south + 0.002 * math.cos(7 * k * 2 * math.pi / 12))
                                                            for k in range(13)])), "tangles")
features(buildings, each("geometry", lambda i, r: polygon(*[(x * 1e300, y * 1e300) for x, y in r["geometry"]["coordinates"][0]])), "huge_numbers")
features(buildings, each("geometry", lambda i, r: polygon(*[(x, y + 90) for x, y in r["geometry"]["coordinates"][0]])), "beyond_the_pole")
features(buildings, each("geometry", lambda i, r: polygon(*[(x, y + (90 if i in (3, 7, 11) else 0)) for x, y in r["geometry"]["coordinates"][0]])), "lost")
features(buildings, each("geometry", lambda i, r: polygon(*[(y, x) for x, y in r["geometry"]["coordinates"][0]])), "swapped")
features(buildings, each("geometry", lambda i, r: buildings["features"][0]["geometry"]), "all_one")
features(buildings, each("geometry", lambda i, r: {"type": "Polygon", "coordinates": r["geometry"]["coordinates"] * 200}), "rings_repeated")
ring = [(west + 0.004 * (1 + 0.01 * math.sin(k)) * math.cos(2 * math.pi * k / 100000),
         south + 0.004 * (1 + 0.01 * math.sin(k)) * math.sin(2 * math.pi * k / 100000)) for k in range(100000)]
features(buildings, lambda rows: rows[0].update(geometry=polygon(*ring, ring[0])), "many_vertices")
features(communities, each("geometry", lambda i, r: polygon(*ring, ring[0]) if i == 0 else r["geometry"]), "ragged_community")
with open("nasty_nan.geojson", "w", encoding="utf-8") as out:
    out.write(json.dumps(buildings).replace(str(west), "NaN", 20).replace(str(south), "Infinity", 20))

# Attributes.
features(buildings, each("properties", lambda i, r: {"id": "B1"}), "same_ids")
features(buildings, each("properties", lambda i, r: {"id": None, "households": None}), "no_values")
features(buildings, each("properties", lambda i, r: {"households": 1e308, "registered": 1e308, "floating": 1e308}), "huge_figures")
features(buildings, each("properties", lambda i, r: {"name": "楼" * 100000 if i == 3 else "\u0000\u0001\u202e"}), "long_text")
features(buildings, each("properties", lambda i, r: {"id": {"a": [1, {"b": None}]}, "households": [1, 2]}), "nested_values")
features(buildings, each("properties", lambda i, r: {f"field {k}": k for k in range(600)}), "many_fields")
features(buildings, lambda rows: rows.extend(copy.deepcopy(rows)), "twice")
features(communities, lambda rows: rows.extend(copy.deepcopy(rows)), "communities_twice")

# Bytes.
put("noise.geojson", bytes(random.randrange(256) for _ in range(5000)))
put("noise.csv", bytes(random.randrange(256) for _ in range(5000)))
put("noise.gpkg", b"SQLite format 3\0" + bytes(random.randrange(256) for _ in range(8000)))
put("noise.fgb", b"fgb\x03fgb\x01" + bytes(random.randrange(256) for _ in range(3000)))
put("noise.xlsx", b"PK\x03\x04" + bytes(random.randrange(256) for _ in range(3000)))
put("locked.xlsx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16) + struct.pack("<HHH", 0x3e, 3, 0xfffe) + bytes(6000))  # what Office makes of a password
text = json.dumps(buildings).encode()
put("cut.geojson", text[:len(text) // 2])
put("zeros.geojson", text[:2000] + bytes(500) + text[2000:])
put("deep.geojson", b'{"type":"FeatureCollection","features":[{"type":"Feature","properties":{},"geometry":{"type":"Polygon","coordinates":' + b"[" * 3000)
put("empty.csv", b"")
put("header.csv", b"id,households,lon,lat\n")
put("quote.csv", b'id,households,lon,lat\n1,"3,113.2,23.1\n2,4,113.2,23.1\n')
put("wkt.csv", b'id,households,WKT\n1,3,"POLYGON((1 2, 3"\n2,4,POINT(nan nan)\n3,5,"MULTIPOLYGON(((0 0,0 1)))"\n')
put("columns.csv", b"id,households,lon,lat\n1\n1,2,3,4,5,6,7,8\n,,,\n1,-5,x,y\n2,9,113.2,99999999999999999999\n")
put("utf16.csv", "id,households,lon,lat\n1,3,113.2,23.1\n".encode("utf-16"))

# A GeoPackage whose geometries lie about themselves: NaN, wrong lengths, millions of points announced.
store = sqlite3.connect("nasty_blobs.gpkg")
store.executescript("""
pragma application_id = 0x47504B47; pragma user_version = 10300;
create table gpkg_spatial_ref_sys (srs_name text, srs_id integer primary key, organization text, organization_coordsys_id integer, definition text, description text);
insert into gpkg_spatial_ref_sys values ('WGS 84', 4326, 'EPSG', 4326, 'GEOGCS["WGS 84",DATUM["WGS_1984",SPHEROID["WGS 84",6378137,298.257223563]],PRIMEM["Greenwich",0],UNIT["degree",0.0174532925199433],AUTHORITY["EPSG","4326"]]', '');
create table gpkg_contents (table_name text primary key, data_type text, identifier text, description text, last_change text, min_x real, min_y real, max_x real, max_y real, srs_id integer);
insert into gpkg_contents values ('buildings', 'features', 'buildings', '', '2020-01-01T00:00:00Z', 0, 0, 0, 0, 4326);
create table gpkg_geometry_columns (table_name text, column_name text, geometry_type_name text, srs_id integer, z integer, m integer);
insert into gpkg_geometry_columns values ('buildings', 'geom', 'GEOMETRY', 4326, 0, 0);
create table buildings (fid integer primary key, geom blob, id text, households integer);
""")


def blob(wkb):
    return b"GP\0\x01" + struct.pack("<i", 4326) + wkb


def wkb_ring(points, count=None):
    return struct.pack("<BIII", 1, 3, 1, len(points) if count is None else count) + b"".join(struct.pack("<dd", *p) for p in points)


corner = [(west, south), (west + 0.0002, south), (west + 0.0002, south + 0.0002), (west, south)]
bad = [wkb_ring(corner), wkb_ring([(math.nan, math.nan)] * 4), wkb_ring([(math.inf, south)] + corner[1:]), wkb_ring(corner, 50000000), wkb_ring(corner)[:30], b"",
       b"\x01", struct.pack("<BI", 1, 99), struct.pack("<BI", 1, 6) + struct.pack("<I", 0xffffffff), struct.pack("<BII", 0, 3, 1), struct.pack("<BIdd", 1, 1, math.nan, math.nan),
       struct.pack("<BII", 1, 7, 1) * 200, wkb_ring([corner[0], corner[1], corner[0]])]
for i, wkb in enumerate(bad * 5):
    store.execute("insert into buildings values (?, ?, ?, ?)", (i + 1, blob(wkb), f"B{i}", 50))
store.execute("insert into buildings values (1000, x'4750', 'short', 5)")
store.execute("insert into buildings values (1001, 'text', 'text', 5)")
store.commit()

# A workbook with a bomb of shared strings that are not there.
with zipfile.ZipFile("nasty_strings.xlsx", "w") as book:
    book.writestr("[Content_Types].xml", '<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/></Types>')
    book.writestr("xl/workbook.xml", '<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="s" sheetId="1" r:id="rId1"/></sheets></workbook>')
    book.writestr("xl/_rels/workbook.xml.rels", '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="x" Target="worksheets/sheet1.xml"/></Relationships>')
    book.writestr("xl/worksheets/sheet1.xml", '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData><row r="1"><c r="A1" t="s"><v>99999</v></c><c r="ZZZ1"><v>1e999</v></c></row><row r="900000"><c r="B900000" t="s"><v>-1</v></c></row></sheetData></worksheet>')
