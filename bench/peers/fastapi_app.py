"""The tutorial's app: models, a list as the datastore, and functions that return what they found.

Beyond the tutorial, so that it answers the same: the id in a language, the status and place of a new one, a limit.
"""

import json
import os

from fastapi import FastAPI, Response
from pydantic import BaseModel


class NewProgrammingLanguage(BaseModel):
    name: str
    publication_year: int
    contribution: str


class ProgrammingLanguage(NewProgrammingLanguage):
    id: int


with open(os.environ["RECORDS"], encoding="utf-8") as file:
    in_memory_datastore = [ProgrammingLanguage(id=id, **fields) for id, fields in enumerate(json.load(file))]

app = FastAPI()


@app.get("/programming_languages")
def list_programming_languages(before_year: int = 30000, after_year: int = 0, limit: int = 100):
    found = list(filter(lambda language: before_year > language.publication_year > after_year, in_memory_datastore))
    return {"programming_languages": found[:limit]}


@app.post("/programming_languages", status_code=201)
def create_programming_language(fields: NewProgrammingLanguage, response: Response):
    language = ProgrammingLanguage(id=len(in_memory_datastore), **fields.model_dump())
    in_memory_datastore.append(language)
    response.headers["Location"] = f"/programming_languages/{language.id}"
    return language


@app.get("/programming_languages/{programming_language_id}")
def view_programming_language(programming_language_id: int):
    return in_memory_datastore[programming_language_id]


@app.put("/programming_languages/{programming_language_id}")
def replace_programming_language(programming_language_id: int, fields: NewProgrammingLanguage):
    language = ProgrammingLanguage(id=programming_language_id, **fields.model_dump())
    in_memory_datastore[programming_language_id] = language
    return language
