"""Operations to decisions: what ERP and CRM exports say about alignment; knows nothing of surveys and models.

Tables are read and checked in ``schema``; each system is a function in the module of its subject
(``throughput``, ``capacity``, ``leverage``, ``finance``, ``forecast``, ``pipeline`` ...) that takes checked tables
or plain frames and returns a frozen ``Result``.  ``simulate`` makes manufacturers whose truth is known.
"""
