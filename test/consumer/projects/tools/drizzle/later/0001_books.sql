CREATE TABLE "books" (
	"author_id" integer NOT NULL REFERENCES "authors"("id")
);
