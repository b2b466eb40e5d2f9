"""Is what AWS grants with sqs:SendMessage granted on the local AWS, wherever a policy says it?"""

import pytest

from local.aws import with_batches

OTHERS = ["sqs:ReceiveMessage", "sqs:DeleteMessage"]


@pytest.mark.parametrize(
    ("action", "granted"),
    [
        ("sqs:SendMessage", ["sqs:SendMessage", "sqs:SendMessageBatch"]),
        ([*OTHERS, "sqs:SendMessage"], [*OTHERS, "sqs:SendMessage", "sqs:SendMessageBatch"]),
        (OTHERS, OTHERS),
        ("dynamodb:PutItem", ["dynamodb:PutItem"]),
    ],
)
def test_a_batch_may_be_sent_where_a_message_may(action, granted):
    statement = {"Effect": "Allow", "Action": action, "Resource": "arn:aws:sqs:::waiting"}

    document = with_batches({"Version": "2012-10-17", "Statement": [statement]})

    assert document == {
        "Version": "2012-10-17",
        "Statement": [{**statement, "Action": granted}],
    }


def test_a_statement_without_actions_is_left_as_it_is():
    statement = {"Effect": "Deny", "NotAction": "s3:*", "Resource": "*"}

    assert with_batches({"Statement": [statement]}) == {"Statement": [statement]}
