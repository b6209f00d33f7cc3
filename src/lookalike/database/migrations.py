"""The schema as named migrations, each applied once, in order, in the dialect of each database."""

from __future__ import annotations

from collections.abc import Mapping

from lookalike.database.session import Reader, Session
from lookalike.errors import Conflict

MIGRATIONS: dict[str, str] = {
    "0001-catalogue": """
        CREATE TABLE counter (revision {integer} NOT NULL);
        INSERT INTO counter VALUES (0);

        CREATE TABLE products (
            number {key},
            id {text} NOT NULL UNIQUE,
            title {text} NOT NULL,
            description {text} NOT NULL,
            facets {text} NOT NULL,
            price {real},
            currency {text} NOT NULL,
            stock {integer},
            family {text} NOT NULL,
            link {text} NOT NULL,
            digest {bytes} NOT NULL,
            revision {integer} NOT NULL
        );
        CREATE INDEX products_by_revision ON products (revision, number);
        CREATE TABLE removed (id {text} PRIMARY KEY, revision {integer} NOT NULL) {clustered};
        CREATE INDEX removed_by_revision ON removed (revision);

        CREATE TABLE photos (
            id {text} PRIMARY KEY,
            media_type {text} NOT NULL,
            width {integer} NOT NULL,
            height {integer} NOT NULL,
            data {bytes} NOT NULL
        );
        CREATE TABLE product_photos (
            product {integer} NOT NULL REFERENCES products (number) ON DELETE CASCADE,
            position {integer} NOT NULL,
            photo {text} NOT NULL REFERENCES photos (id),
            source {text} NOT NULL,
            PRIMARY KEY (product, position)
        ) {clustered};
        CREATE INDEX product_photos_by_photo ON product_photos (photo);

        CREATE TABLE codes (
            code {text} NOT NULL,
            product {integer} NOT NULL REFERENCES products (number) ON DELETE CASCADE,
            PRIMARY KEY (code, product)
        ) {clustered};
        CREATE INDEX codes_by_product ON codes (product);
        {words};

        CREATE TABLE spaces (number {key}, name {text} NOT NULL UNIQUE, fit {bytes});
        CREATE TABLE photo_vectors (
            number {key},
            space {integer} NOT NULL REFERENCES spaces (number),
            photo {text} NOT NULL REFERENCES photos (id) ON DELETE CASCADE,
            vector {bytes} NOT NULL,
            UNIQUE (space, photo)
        );
        CREATE INDEX photo_vectors_by_photo ON photo_vectors (photo);
        CREATE TABLE text_vectors (
            space {integer} NOT NULL REFERENCES spaces (number),
            product {integer} NOT NULL REFERENCES products (number) ON DELETE CASCADE,
            text {text} NOT NULL,
            vector {bytes} NOT NULL,
            PRIMARY KEY (space, product)
        );
        CREATE INDEX text_vectors_by_product ON text_vectors (product);

        CREATE TABLE settings (name {text} PRIMARY KEY, value {text} NOT NULL) {clustered};
        CREATE TABLE writers (
            host {text} NOT NULL, pid {integer} NOT NULL, what {text} NOT NULL, since {text} NOT NULL,
            PRIMARY KEY (host, pid)
        ) {clustered};
    """,
    "0002-events": """
        CREATE TABLE event_counter (last {integer} NOT NULL, forgettings {integer} NOT NULL);
        INSERT INTO event_counter VALUES (0, 0);

        CREATE TABLE events (
            sequence {integer} PRIMARY KEY,
            forgotten {integer} NOT NULL,
            id {bytes} NOT NULL UNIQUE,
            kind {text} NOT NULL,
            shopper {text} NOT NULL,
            product {text} NOT NULL,
            time {real} NOT NULL,
            rating {real},
            query {text} NOT NULL,
            comment {text} NOT NULL,
            position {integer},
            vector {bytes}
        );
        CREATE INDEX events_by_shopper ON events (shopper, time, sequence);
        CREATE INDEX events_searched ON events (shopper, time) WHERE kind = 'search';
    """,
    "0003-jobs": """
        CREATE TABLE jobs (
            id {text} PRIMARY KEY, state {text} NOT NULL, told {real} NOT NULL, stop {integer} NOT NULL
        );
    """,
    "0004-checksums": """
        ALTER TABLE photos ADD COLUMN checksum {integer};
        ALTER TABLE photo_vectors ADD COLUMN checksum {integer};
        ALTER TABLE text_vectors ADD COLUMN checksum {integer};
    """,
    "0005-import-journal": """
        CREATE TABLE import_journal (product {text} PRIMARY KEY, before {text}, after {bytes}) {clustered};
        CREATE TABLE import_photos (photo {text} PRIMARY KEY) {clustered};
    """,
    "0006-former-price": """
        ALTER TABLE products ADD COLUMN former_price {real};
    """,
    "0007-access-keys": """
        CREATE TABLE access_keys (
            id {text} PRIMARY KEY,
            name {text} NOT NULL,
            digest {bytes} NOT NULL,
            scopes {text} NOT NULL,
            created {real} NOT NULL,
            expires {real},
            per_minute {integer},
            revoked {real}
        ) {clustered};
    """,
    "0008-sources": """
        CREATE TABLE sources (name {text} PRIMARY KEY, address {text} NOT NULL, place {text}) {clustered};
        CREATE TABLE source_deliveries (
            source {text} NOT NULL, id {text} NOT NULL, received {real} NOT NULL, PRIMARY KEY (source, id)
        ) {clustered};
        CREATE TABLE source_pending (
            source {text} NOT NULL, item {text} NOT NULL, said {integer} NOT NULL, PRIMARY KEY (source, item)
        ) {clustered};
        CREATE INDEX products_by_family ON products (substr(family, 1, 200));
    """,
    "0009-experiments": """
        ALTER TABLE events ADD COLUMN experiment {text} NOT NULL DEFAULT '';
        ALTER TABLE events ADD COLUMN variant {text} NOT NULL DEFAULT '';
        CREATE INDEX events_exposed ON events (experiment, time) WHERE kind = 'exposure';
    """,
    "0010-source-retries": """
        ALTER TABLE sources ADD COLUMN retried {text};
    """,
    "0011-source-runs": """
        CREATE TABLE source_schedules (
            source {text} PRIMARY KEY, every {real} NOT NULL, next_run {real} NOT NULL,
            prune {integer} NOT NULL, most_removed {real} NOT NULL, alert {text} NOT NULL
        ) {clustered};
        CREATE TABLE source_claims (source {text} PRIMARY KEY, until {real} NOT NULL) {clustered};
        CREATE TABLE source_runs (
            number {key}, source {text} NOT NULL, began {real} NOT NULL, ended {real} NOT NULL,
            outcome {text} NOT NULL, detail {text} NOT NULL, added {integer} NOT NULL,
            updated {integer} NOT NULL, unchanged {integer} NOT NULL, removed {integer} NOT NULL,
            failed {integer} NOT NULL, problems {text} NOT NULL
        );
        CREATE INDEX source_runs_by_source ON source_runs (source, began);
    """,
    # Until here a catalog with one source pruned every product, so all of them count as listed by it.
    "0012-source-products": """
        CREATE TABLE source_products (
            source {text} NOT NULL,
            product {integer} NOT NULL REFERENCES products (number) ON DELETE CASCADE,
            PRIMARY KEY (source, product)
        ) {clustered};
        CREATE INDEX source_products_by_product ON source_products (product);
        INSERT INTO source_products (source, product)
            SELECT sources.name, products.number FROM sources, products
            WHERE (SELECT count(*) FROM sources) = 1;
        ALTER TABLE sources ADD COLUMN full_read {real};
    """,
    "0013-large-photos": """
        CREATE TABLE large_photos (
            photo {text} PRIMARY KEY REFERENCES photos (id) ON DELETE CASCADE,
            data {bytes} NOT NULL,
            checksum {integer}
        );
    """,
}


def pending(session: Reader, url: str) -> list[str]:
    """Return pending migrations. Raises if a newer program has written the catalog."""
    applied = {name for (name,) in session.rows("SELECT name FROM migrations")}
    if newer := applied - set(MIGRATIONS):
        raise Conflict(
            f"{url} was written by a newer Lookalike (it has {min(newer)}): "
            "upgrade with pip install -U lookalike."
        )
    return [name for name in MIGRATIONS if name not in applied]


def migrate(session: Session, url: str, dialect: Mapping[str, str]) -> None:
    """Apply pending migrations, within the caller's transaction."""
    for name in pending(session, url):
        for statement in MIGRATIONS[name].format(**dialect).split(";"):
            if statement.strip():
                session.rows(statement)
        session.rows("INSERT INTO migrations (name) VALUES (?)", (name,))
