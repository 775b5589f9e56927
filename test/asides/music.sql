-- A shop of recordings in CamelCase, with keys, a bridge, and people who report to each other.
CREATE TABLE "Artist" ("ArtistId" int PRIMARY KEY, "Name" text NOT NULL, "Country" text);
CREATE TABLE "Genre" ("GenreId" int PRIMARY KEY, "Name" text NOT NULL);
CREATE TABLE "MediaType" ("MediaTypeId" int PRIMARY KEY, "Name" text NOT NULL);
CREATE TABLE "Album" ("AlbumId" int PRIMARY KEY, "Title" text NOT NULL, "ArtistId" int NOT NULL REFERENCES "Artist", "ReleaseYear" int);
CREATE TABLE "Track" ("TrackId" int PRIMARY KEY, "Name" text NOT NULL, "AlbumId" int REFERENCES "Album", "MediaTypeId" int NOT NULL REFERENCES "MediaType",
  "GenreId" int REFERENCES "Genre", "Composer" text, "Milliseconds" int NOT NULL, "Bytes" int, "UnitPrice" numeric(10,2) NOT NULL);
CREATE TABLE "Playlist" ("PlaylistId" int PRIMARY KEY, "Name" text);
CREATE TABLE "PlaylistTrack" ("PlaylistId" int REFERENCES "Playlist", "TrackId" int REFERENCES "Track", PRIMARY KEY ("PlaylistId", "TrackId"));
CREATE TABLE "Employee" ("EmployeeId" int PRIMARY KEY, "LastName" text NOT NULL, "FirstName" text NOT NULL, "Title" text, "ReportsTo" int REFERENCES "Employee",
  "BirthDate" date, "HireDate" date, "City" text, "Country" text);
CREATE TABLE "Customer" ("CustomerId" int PRIMARY KEY, "FirstName" text NOT NULL, "LastName" text NOT NULL, "Company" text, "City" text, "Country" text, "Email" text NOT NULL,
  "SupportRepId" int REFERENCES "Employee");
CREATE TABLE "Invoice" ("InvoiceId" int PRIMARY KEY, "CustomerId" int NOT NULL REFERENCES "Customer", "InvoiceDate" timestamp NOT NULL, "BillingCity" text, "BillingCountry" text,
  "Total" numeric(10,2) NOT NULL);
CREATE TABLE "InvoiceLine" ("InvoiceLineId" int PRIMARY KEY, "InvoiceId" int NOT NULL REFERENCES "Invoice", "TrackId" int NOT NULL REFERENCES "Track",
  "UnitPrice" numeric(10,2) NOT NULL, "Quantity" int NOT NULL);

INSERT INTO "Artist" VALUES (1, 'The Lanterns', 'USA'), (2, 'Marta Reyes', 'Spain'), (3, 'Iron Harbour', 'United Kingdom'), (4, 'Nordlys', 'Norway'),
 (5, 'Quartet Lumen', 'France'), (6, 'Dusty Roads', 'USA'), (7, 'Silent Hours', 'Canada');
INSERT INTO "Genre" VALUES (1, 'Rock'), (2, 'Jazz'), (3, 'Metal'), (4, 'Latin'), (5, 'Classical'), (6, 'Blues'), (7, 'Opera');
INSERT INTO "MediaType" VALUES (1, 'MPEG audio file'), (2, 'AAC audio file'), (3, 'Purchased AAC audio file');
INSERT INTO "Album" VALUES (1, 'Night Lights', 1, 2008), (2, 'Second Dawn', 1, 2012), (3, 'Corazon', 2, 2015), (4, 'Anchors', 3, 1999), (5, 'Deep Water', 3, 2004),
 (6, 'Aurora', 4, 2018), (7, 'Opus Nine', 5, 2010), (8, 'Long Way Home', 6, 2001), (9, 'Storm Season', 3, 2012), (10, 'Untouched', 6, 2020);
INSERT INTO "Track"
SELECT g, (ARRAY['Ember','River','Ghost','Mirror','Tide','Winter','Stone','Flight','Garden','Echo'])[1 + g % 10] || ' ' || (ARRAY['Song','Dance','Ballad','Love','March'])[1 + g / 10 % 5],
  1 + (g * 7) % 9, 1 + g % 2, (ARRAY[1, 1, 4, 3, 3, 2, 5, 6, 3])[1 + (g * 7) % 9], CASE WHEN g % 4 = 0 THEN NULL ELSE (ARRAY['A. Holt', 'M. Reyes', 'J. Stone'])[1 + g % 3] END,
  150000 + (g * 7919) % 250000, 3000000 + (g * 104729) % 5000000, CASE WHEN g % 6 = 0 THEN 1.99 ELSE 0.99 END
FROM generate_series(1, 48) AS g;
INSERT INTO "Playlist" VALUES (1, 'Morning Run'), (2, 'Road Trip'), (3, 'Dinner'), (4, 'Grunge');
INSERT INTO "PlaylistTrack" SELECT p, t FROM generate_series(1, 3) AS p, generate_series(1, 48) AS t WHERE (t * p) % (p + 3) = 0 AND t <= 44;
INSERT INTO "Employee" VALUES (1, 'Adams', 'Andrea', 'General Manager', NULL, '1962-02-18', '2012-08-14', 'Edmonton', 'Canada'),
 (2, 'Edwards', 'Nathan', 'Sales Manager', 1, '1968-12-08', '2013-05-01', 'Calgary', 'Canada'), (3, 'Park', 'Jane', 'Sales Support Agent', 2, '1983-08-29', '2014-04-01', 'Calgary', 'Canada'),
 (4, 'Moss', 'Lewis', 'Sales Support Agent', 2, '1987-09-19', '2015-05-03', 'Calgary', 'Canada'), (5, 'Johnson', 'Steve', 'Sales Support Agent', 2, '1985-03-03', '2016-10-17', 'Lethbridge', 'Canada'),
 (6, 'Mitchell', 'Lara', 'IT Manager', 1, '1973-07-01', '2013-10-17', 'Calgary', 'Canada'), (7, 'King', 'Robert', 'IT Staff', 6, '1990-05-29', '2019-01-02', 'Lethbridge', 'Canada');
INSERT INTO "Customer"
SELECT g, (ARRAY['Luis','Leonie','Francois','Helena','Astrid','Daan','Mark','Roberto'])[1 + g % 8], (ARRAY['Gomes','Kohler','Tremblay','Holy','Gruber','Peeters','Silva','Almeida','Smith'])[1 + g % 9],
  CASE WHEN g % 4 = 0 THEN 'Company ' || g END, (ARRAY['Sao Paulo','Berlin','Montreal','Prague','Paris','London'])[1 + g % 6], (ARRAY['Brazil','Germany','Canada','Czech Republic','France','United Kingdom'])[1 + g % 6],
  'c' || g || CASE WHEN g % 3 = 0 THEN '@gmail.com' ELSE '@mail.example' END, 3 + g % 3
FROM generate_series(1, 20) AS g;
INSERT INTO "Invoice"
SELECT g, 1 + (g * 5) % 18, timestamp '2022-01-03' + g * interval '9 days', c."City", c."Country", 0 FROM generate_series(1, 120) AS g JOIN "Customer" AS c ON c."CustomerId" = 1 + (g * 5) % 18;
INSERT INTO "InvoiceLine"
SELECT row_number() OVER (ORDER BY i, n), i, t."TrackId", t."UnitPrice", 1 + (i + n) % 2 FROM generate_series(1, 120) AS i, generate_series(1, 3) AS n JOIN "Track" AS t ON true
WHERE n <= 1 + i % 3 AND t."TrackId" = 1 + (i * 11 + n * 5) % 45;
UPDATE "Invoice" AS i SET "Total" = (SELECT sum("UnitPrice" * "Quantity") FROM "InvoiceLine" AS l WHERE l."InvoiceId" = i."InvoiceId");
