-- The database of RhythmIQ as its first format left it, written by sqlite3's dump.
PRAGMA application_id = 1382578513;
PRAGMA user_version = 1;
BEGIN TRANSACTION;
CREATE TABLE aliases (
    uri TEXT PRIMARY KEY,
    track INTEGER NOT NULL REFERENCES tracks ON DELETE CASCADE,
    source TEXT NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO "aliases" VALUES('spotify:track:0000000000000000000001',1,'open_data');
CREATE TABLE features (
    track INTEGER NOT NULL REFERENCES tracks ON DELETE CASCADE,
    source TEXT NOT NULL,
    popularity REAL,
    danceability REAL,
    energy REAL,
    key REAL,
    loudness REAL,
    mode REAL,
    speechiness REAL,
    acousticness REAL,
    instrumentalness REAL,
    liveness REAL,
    valence REAL,
    tempo REAL,
    PRIMARY KEY (track, source)
) STRICT, WITHOUT ROWID;
INSERT INTO "features" VALUES(1,'open_data',NULL,NULL,0.5,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,120.5);
CREATE TABLE genres (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE
) STRICT;
INSERT INTO "genres" VALUES(1,'jazz');
CREATE TABLE recommendations (
    id TEXT PRIMARY KEY,
    created REAL NOT NULL,
    engine TEXT NOT NULL,
    context TEXT NOT NULL CHECK (json_valid(context)),
    tracks TEXT NOT NULL CHECK (json_valid(tracks))
) STRICT;
INSERT INTO "recommendations" VALUES('01KAGZ0000000000000000000A',1763589600.5,'local','{"noise_level": 34.0}','[{"uri": "spotify:track:4uLU6hMCjMI75M1A2tKUQC", "title": "Invented Song", "score": 1.25, "reasons": []}]');
CREATE TABLE track_genres (
    track INTEGER NOT NULL REFERENCES tracks ON DELETE CASCADE,
    genre INTEGER NOT NULL REFERENCES genres,
    source TEXT NOT NULL,
    PRIMARY KEY (track, genre)
) STRICT, WITHOUT ROWID;
INSERT INTO "track_genres" VALUES(1,1,'open_data');
CREATE TABLE tracks (
    id INTEGER PRIMARY KEY,
    uri TEXT NOT NULL UNIQUE,
    title TEXT NOT NULL,
    artist TEXT,
    album TEXT,
    explicit INTEGER CHECK (explicit IN (0, 1)),
    duration_ms INTEGER CHECK (duration_ms > 0),
    release_year INTEGER,
    recording TEXT,
    source TEXT NOT NULL
) STRICT;
INSERT INTO "tracks" VALUES(1,'spotify:track:4uLU6hMCjMI75M1A2tKUQC','Invented Song','Žluťoučký','Invented',0,200000,2019,'zlutoucky
invented song','open_data');
CREATE INDEX tracks_recording ON tracks (recording, duration_ms) WHERE recording IS NOT NULL;
CREATE INDEX aliases_track ON aliases (track);
CREATE INDEX track_genres_genre ON track_genres (genre);
CREATE INDEX recommendations_created ON recommendations (created);
COMMIT;
