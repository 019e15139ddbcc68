"""Peer of bench/classification: TF-IDF of words and pairs of words, logistic regression, one model an attribute.

Reads one JSON object a line: {attributes, train: [{text, labels}], test: [text], probabilityOf}. Answers {predicted:
[{values: {attribute: value}, recommended: p}]}, one object a test text. C = 10 is better here than the default of 1.
"""


from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from answering import serve


def answer(request):
    vectorizer = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True, min_df=2)
    train = vectorizer.fit_transform([row["text"] for row in request["train"]])
    test = vectorizer.transform(request["test"])
    predicted = [{"values": {}} for _ in request["test"]]
    for attribute in request["attributes"]:
        labelled = [i for i, row in enumerate(request["train"]) if attribute in row["labels"]]
        labels = [request["train"][i]["labels"][attribute] for i in labelled]
        model = LogisticRegression(C=10, max_iter=1000).fit(train[labelled], labels)
        for row, value in zip(predicted, model.predict(test)):
            row["values"][attribute] = str(value)
        if attribute == request["probabilityOf"]:
            column = list(model.classes_).index("1")
            for row, chances in zip(predicted, model.predict_proba(test)):
                row["recommended"] = float(chances[column])
    return {"predicted": predicted}


if __name__ == "__main__":
    serve(answer)
